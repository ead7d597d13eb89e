import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/errors.ts'
import { type TenantId, tenantIdOfDigits } from '../../core/ids/tenant-id.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { TokenGrant } from '../contract/credentials.ts'
import type { DialectHost } from '../contract/host.ts'
import { administrationOf, administrationView } from './administration.ts'
import { grantOfRequest } from './caller.ts'
import { type MoneybirdRefusal, refusals, sendRefusal } from './refusal.ts'
import { RequestWindow, windowHeaders } from './request-window.ts'
import { makeSecret } from './settings.ts'
import { readWebhookDraft } from './subscription-input.ts'
import { webhookView } from './subscription-view.ts'
import { webhookIdOf } from './webhook-id.ts'

declare module 'fastify' {
  interface FastifyRequest {
    moneybirdGrant: TokenGrant | null
  }
}

const prefix = '/api/v2'

type Params = { readonly administration: string; readonly id: string }

type Host = Pick<
  DialectHost,
  | 'clock'
  | 'random'
  | 'catalogue'
  | 'credentials'
  | 'limits'
  | 'tenants'
  | 'subscriptions'
  | 'making'
  | 'changing'
  | 'secrets'
  | 'urls'
  | 'attempts'
  | 'answers'
>

/** `/api/v2`: contracts/moneybird.md, "Endpoints". */
export async function moneybirdRoutes(scope: FastifyInstance, host: Host): Promise<void> {
  await scope.register(async (api) => register(api, host), { prefix })
  host.answers.refuseBelow(prefix, (error, _request, reply) => sendRefusal(error, reply, host.clock.now()))
}

function register(api: FastifyInstance, host: Host): void {
  const window = new RequestWindow()
  const options = { config: { hasOwnFallback: true }, schema: { hide: true } as object }
  api.decorateRequest('moneybirdGrant', null)
  api.addHook('onRequest', async (request, reply) => {
    request.moneybirdGrant = await grantOfRequest(request, host)
    const use = window.use(request.moneybirdGrant.tokenId, host.clock.now())
    void reply.headers(windowHeaders(use))
    if (use.isWithin) return
    void reply.header('Retry-After', use.resetSeconds)
    throw refusals.retryLater()
  })
  api.setErrorHandler((error, request, reply) => {
    if (sendRefusal(error, reply, host.clock.now()).statusCode === 500) host.answers.failed(error, request.id)
  })
  api.setNotFoundHandler((_request, reply) => sendRefusal(refusals.notFound(), reply, host.clock.now()))

  const ownerOf = ({ moneybirdGrant }: FastifyRequest) => moneybirdGrant!.owner
  const administrationIn = (request: FastifyRequest): TenantId => {
    const id = tenantIdOfDigits((request.params as Params).administration)
    if (id === undefined || !host.tenants.isWithin(id, request.moneybirdGrant!.tenantId)) throw refusals.notFound()
    return id
  }
  const webhooksIn = (request: FastifyRequest): readonly Subscription[] => {
    const tenantId = administrationIn(request)
    return host.subscriptions
      .listOf(ownerOf(request), 'moneybird')
      .filter((subscription) => administrationOf(subscription) === tenantId)
  }
  const webhookIn = (request: FastifyRequest, refusal: () => MoneybirdRefusal): Subscription => {
    const id = withoutSuffix((request.params as Params).id)
    const found = webhooksIn(request).find((subscription) => webhookIdOf(subscription) === id)
    if (!found) throw refusal()
    return found
  }
  const shown = async (subscription: Subscription) =>
    webhookView(subscription, { catalogue: host.catalogue(), last: await host.attempts.lastAttempt(subscription) })

  for (const suffix of ['', '.json']) {
    api.get(`/administrations${suffix}`, options, async (request) =>
      [...host.tenants.subtree(request.moneybirdGrant!.tenantId)].flatMap((id) => {
        const tenant = host.tenants.tenant(id)
        return tenant ? [administrationView(tenant)] : []
      }),
    )
    api.get(`/:administration/webhooks${suffix}`, options, (request) => Promise.all(webhooksIn(request).map(shown)))
    api.post(`/:administration/webhooks${suffix}`, options, async (request, reply) => {
      const created = await create(request, administrationIn(request))
      return reply.code(201).send(created)
    })
    api.patch(`/:administration/webhooks/:id/activate${suffix}`, options, async (request) => {
      const { id } = webhookIn(request, refusals.noSuchWebhook)
      // What happened meanwhile is not sent later.
      return shown(await host.changing.enable(ownerOf(request), id, 'now'))
    })
    api.patch(`/:administration/webhooks/:id/deactivate${suffix}`, options, async (request) => {
      const { id } = webhookIn(request, refusals.noSuchWebhook)
      return shown(await host.changing.disable(ownerOf(request), id))
    })
  }
  api.delete('/:administration/webhooks/:id', options, async (request, reply: FastifyReply) => {
    await host.changing.remove(ownerOf(request), webhookIn(request, refusals.notFound).id)
    return reply.code(204).send()
  })

  async function create(request: FastifyRequest, tenantId: TenantId): Promise<Record<string, unknown>> {
    const catalogue = host.catalogue()
    const { url, enabledEvents, types } = readWebhookDraft(request.body, catalogue)
    const checked = host.urls.check(url, { allowUserinfo: true })
    if (!checked.ok) throw refusals.urlUnreachable()
    const owner = ownerOf(request)
    const id = host.making.newId()
    const secret = makeSecret(host.random)
    const endpoint = {
      url: checked.url,
      ...(checked.credentials ? { auth: { type: 'basic' as const, ...checked.credentials } } : {}),
    }
    try {
      const { subscription } = await host.making.create(
        owner,
        {
          dialect: 'moneybird',
          types,
          endpoint,
          ...(tenantId === owner.tenantId ? {} : { tenants: [tenantId] }),
        },
        { id, secret: { shown: secret, records: [host.secrets.signing(secret, id)] }, settings: { enabledEvents } },
      )
      return webhookView(subscription, { catalogue, last: null, secret })
    } catch (error) {
      if (error instanceof AppError && error.errors.some(({ pointer }) => pointer.startsWith('/endpoint'))) {
        throw refusals.urlUnreachable()
      }
      throw error
    }
  }
}

function withoutSuffix(id: string): string {
  return id.endsWith('.json') ? id.slice(0, -'.json'.length) : id
}
