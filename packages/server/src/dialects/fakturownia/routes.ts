import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { AppError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import { type Authenticated, authenticate } from './caller.ts'
import { readForm } from './form.ts'
import { sendRefusal } from './refusal.ts'
import { accountLocale, defaultLocale, type Locale } from './settings.ts'
import { type Attributes, isObject, readAttributes } from './subscription-input.ts'
import { type WebhookView, webhookView } from './subscription-view.ts'
import { acceptedLocale } from './texts.ts'

const dialect = 'fakturownia'
const everyMethod: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const defaultPerPage = 25
const mostPerPage = 100

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the account is known: its refusals come in its language. */
    fakturowniaAccount: TenantId | null
  }
}

interface Found {
  readonly subscription: Subscription
  readonly view: WebhookView
}

type Host = Pick<
  DialectHost,
  | 'catalogue'
  | 'settings'
  | 'credentials'
  | 'limits'
  | 'subscriptions'
  | 'making'
  | 'changing'
  | 'secrets'
  | 'urls'
  | 'answers'
>

/** `GET|POST /webhooks.json`, `GET|PUT|DELETE /webhooks/{id}.json` (contracts/fakturownia.md, "Endpoints"). */
export function fakturowniaRoutes(scope: FastifyInstance, host: Host): void {
  const { subscriptions, making, changing } = host
  const config = { hasOwnFallback: true }
  const schema = { hide: true } as object

  scope.decorateRequest('fakturowniaAccount', null)
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string | Buffer) => readForm(String(body)),
  )
  scope.setReplySerializer(jsonText)
  scope.setErrorHandler((error, request, reply) => {
    if (!sendRefusal(reply, error, localeOf(request))) host.answers.failed(error, request.id)
  })

  scope.route({
    method: 'GET',
    url: '/webhooks.json',
    config,
    schema,
    handler: async (request) => {
      const owner = ownerOf(await enter(request))
      const { page, per_page: perPage } = request.query as Readonly<Record<string, unknown>>
      const size = Math.min(positive(perPage, defaultPerPage), mostPerPage)
      const first = (positive(page, 1) - 1) * size
      return host.subscriptions
        .listOf(owner, dialect)
        .flatMap((subscription) => webhookView(subscription, host) ?? [])
        .slice(first, first + size)
    },
  })

  scope.route({
    method: 'POST',
    url: '/webhooks.json',
    config,
    schema,
    handler: async (request, reply) => {
      const authenticated = await enter(request)
      const attributes = attributesOf(request, authenticated, true)
      const id = making.newId()
      const { subscription } = await making.create(
        ownerOf(authenticated),
        { dialect, ...draftOf(attributes) },
        {
          id,
          secret: { shown: null, records: secretsOf(attributes.apiToken ?? '', id) },
          ...(attributes.isActive === false ? { disabledReason: 'by_request' } : {}),
        },
      )
      return reply.code(201).send(shown(subscription))
    },
  })

  scope.route({
    method: 'GET',
    url: '/webhooks/:file',
    config,
    schema,
    handler: async (request) => find(request, await enter(request)).view,
  })

  scope.route({
    method: 'PUT',
    url: '/webhooks/:file',
    config,
    schema,
    handler: async (request) => {
      const authenticated = await enter(request)
      const { id } = find(request, authenticated).subscription
      const attributes = attributesOf(request, authenticated, false)
      const owner = ownerOf(authenticated)
      await changing.changeAll(owner, [
        {
          id,
          draft: draftOf(attributes),
          also: (changed) =>
            attributes.apiToken === undefined ? changed : { ...changed, secrets: secretsOf(attributes.apiToken, id) },
        },
      ])
      if (attributes.isActive === false) await changing.disable(owner, id)
      // Nothing that happened since it stopped is missed.
      if (attributes.isActive === true) await changing.enable(owner, id, 'stopped')
      return shown(subscriptions.get(owner, id))
    },
  })

  scope.route({
    method: 'DELETE',
    url: '/webhooks/:file',
    config,
    schema,
    handler: async (request, reply) => {
      const authenticated = await enter(request)
      await changing.remove(ownerOf(authenticated), find(request, authenticated).subscription.id)
      return reply.code(204).send()
    },
  })

  for (const prefix of ['/webhooks.json', '/webhooks']) {
    host.answers.refuseBelow(prefix, (error, request, reply) => void sendRefusal(reply, error, localeOf(request)))
  }
  const others = (methods: readonly HTTPMethods[]) => everyMethod.filter((method) => !methods.includes(method))
  for (const [url, method] of [
    ['/webhooks.json', others(['GET', 'POST'])],
    ['/webhooks/:file', others(['GET', 'PUT', 'DELETE'])],
    ['/webhooks/*', everyMethod],
  ] as const) {
    scope.route({ method: [...method], url, config, schema, handler: refuse })
  }

  async function refuse(request: FastifyRequest, _reply: FastifyReply): Promise<never> {
    await enter(request)
    throw notFound()
  }

  async function enter(request: FastifyRequest): Promise<Authenticated> {
    const authenticated = await authenticate(request, host)
    request.fakturowniaAccount = authenticated.grant.tenantId
    return authenticated
  }

  function localeOf({ fakturowniaAccount, headers }: FastifyRequest): Locale {
    // Null or absent: it is not known yet, or the request never got as far as the routes.
    const own = fakturowniaAccount ? accountLocale(host.settings, fakturowniaAccount) : undefined
    return own ?? acceptedLocale(headers['accept-language']) ?? defaultLocale(host.settings)
  }

  function ownerOf({ grant }: Authenticated) {
    return grant.owner
  }

  function find(request: FastifyRequest, authenticated: Authenticated): Found {
    const number = /^(\d{1,10})\.json$/.exec((request.params as { file: string }).file)?.[1]
    const subscription = number === undefined ? undefined : host.subscriptions.withNumber(Number(number))
    if (subscription?.dialect !== dialect) throw notFound()
    // Throws for what is not the account's, as for what does not exist.
    subscriptions.get(ownerOf(authenticated), subscription.id)
    return { subscription, view: shown(subscription) }
  }

  function shown(subscription: Subscription): WebhookView {
    const view = webhookView(subscription, host)
    if (!view) throw notFound()
    return view
  }

  function attributesOf({ body }: FastifyRequest, { isFromBody }: Authenticated, isNew: boolean): Attributes {
    return readAttributes(isObject(body) ? body : {}, isFromBody, isNew, host)
  }

  function secretsOf(apiToken: string, subscriptionId: string) {
    return apiToken === '' ? [] : [host.secrets.signing(apiToken, subscriptionId)]
  }
}

function draftOf({ type, url, method }: Attributes) {
  return {
    ...(type === undefined ? {} : { types: [type] }),
    ...(url === undefined ? {} : { endpoint: { url } }),
    ...(method === undefined ? {} : { settings: { method } }),
  }
}

function positive(value: unknown, fallback: number): number {
  return typeof value === 'string' && /^[1-9]\d{0,8}$/.test(value) ? Number(value) : fallback
}

function notFound(): AppError {
  return new AppError('not_found', 'there is no such webhook')
}
