import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { DialectRecord, Subscription } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import { type Application, applicationOf } from './caller.ts'
import { pageOf } from './page.ts'
import { named, refusal } from './refusal.ts'
import * as schemas from './schemas.ts'
import { type SubscriptionView, subscriptionView } from './subscription-view.ts'
import { dialect, findTable, rowActions } from './tables.ts'
import { copied, following, targetOf } from './target.ts'

const tags = ['Dialect visma-business-nxt']
const path = '/visma-nxt/v1/webhook-subscriptions'
const createTries = 5

/** What a row names. */
interface NamedRow {
  readonly customerNo?: TenantId
  readonly companyNo?: TenantId
  readonly tableIdentifier: string | number
  readonly events?: readonly string[]
}

type SubscriptionHost = Pick<
  DialectHost,
  'clock' | 'catalogue' | 'tenants' | 'subscriptions' | 'making' | 'changing' | 'records' | 'secrets'
>

/** An application's subscriptions: one for each target, company and table. */
export function subscriptionRoutes(scope: FastifyInstance, host: SubscriptionHost): void {
  const { records, subscriptions, making, changing } = host
  const config = { callers: ['integrator' as const] }
  const serializerCompiler = () => (data: unknown) => jsonText(data)
  const params = schemas.idParams
  const nowText = () => new Date(host.clock.now()).toISOString()

  scope.post(path, {
    config,
    serializerCompiler,
    schema: {
      summary: 'Subscribe a target to a table',
      tags,
      body: schemas.newSubscription,
      response: { 201: schemas.subscriptionOutput },
    },
    handler: async (request, reply) => {
      const view = await create(applicationOf(request), request.body as schemas.NewSubscription)
      return reply.code(201).send(view)
    },
  })

  scope.get(path, {
    config,
    serializerCompiler,
    schema: {
      summary: 'List subscriptions',
      tags,
      querystring: schemas.listQuery,
      response: { 200: schemas.listOf(schemas.subscriptionOutput) },
    },
    handler: async (request) => pageOf(viewsOf(applicationOf(request)), request.query),
  })

  scope.get(`${path}/:id`, {
    config,
    serializerCompiler,
    schema: { summary: 'Read a subscription', tags, params, response: { 200: schemas.subscriptionOutput } },
    handler: async (request) => found(request).view,
  })

  scope.patch(`${path}/:id`, {
    config,
    serializerCompiler,
    schema: {
      summary: 'Change a subscription',
      tags,
      params,
      body: schemas.changedSubscription,
      response: { 200: schemas.subscriptionOutput },
    },
    handler: async (request) => {
      const application = applicationOf(request)
      const { subscription, view } = found(request)
      const body = request.body as schemas.ChangedSubscription
      const { targetId, ...wanted } = { ...view, ...body }
      const target = targetId === null ? undefined : targetOfApplication(application, targetId)
      const isRow = ['customerNo', 'companyNo', 'tableIdentifier', 'events'].some((name) => Object.hasOwn(body, name))
      refuseTwin(application, { targetId, ...wanted }, subscription.id)
      if (isRow) {
        const draft = rowDraft(wanted, target)
        await named(() => changing.change(application, subscription.id, draft))
      }
      if (body.targetId) await moveTo(application, subscription.id, body.targetId)
      if (body.active === false) await changing.disable(application, subscription.id)
      // Nothing that happened since it stopped is missed.
      if (body.active === true) await changing.enable(application, subscription.id, 'stopped')
      return found(request).view
    },
  })

  scope.delete(`${path}/:id`, {
    config,
    schema: { summary: 'Delete a subscription', tags, params, response: { 204: Type.Null() } },
    handler: async (request, reply) => {
      await changing.remove(applicationOf(request), found(request).subscription.id)
      return reply.code(204).send()
    },
  })

  async function create(application: Application, body: schemas.NewSubscription): Promise<SubscriptionView> {
    for (let tries = 1; ; tries += 1) {
      const target = targetOfApplication(application, body.targetId)
      const draft = rowDraft(body, target)
      refuseTwin(application, { customerNo: 0, companyNo: 0, ...body })
      const id = making.newId()
      const { url, secrets, settings } = copied(target, id, host.secrets)
      try {
        const { subscription } = await named(() =>
          making.create(
            application,
            { dialect, ...draft, endpoint: { url } },
            {
              id,
              secret: { shown: null, records: secrets },
              settings,
              // A target that is changed, dropped, or given a twin of this at the same time makes it try again.
              beside: [records.guard(target)],
              ...(body.active === false ? { disabledReason: 'by_request' } : {}),
            },
          ),
        )
        return shown(subscription)
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'conflict') || tries >= createTries) throw error
      }
    }
  }

  /** The target is written as it is, so that one that changes at the same time makes it decide again. */
  function moveTo(application: Application, id: string, targetId: string): Promise<void> {
    return records.change(() => {
      const record = targetOfApplication(application, targetId)
      const subscription = following(subscriptions.get(application, id), record, host.secrets, nowText())
      return { put: [record], subscriptions: [subscription], result: undefined }
    })
  }

  function rowDraft(row: NamedRow, target: DialectRecord | undefined) {
    const table = findTable(host.catalogue(), row.tableIdentifier)
    if (!table) throw refusal('tableIdentifier', 'unknown_table', 'There is no such table in the catalogue.')
    const wanted: readonly string[] = row.events ?? rowActions
    const types = rowActions.flatMap((action) => (wanted.includes(action) ? (table.types.get(action) ?? []) : []))
    if (types.length === 0) throw refusal('events', 'unknown_type', 'The table has none of these events.')
    return { types, tenants: tenantsOf(row, target) }
  }

  function tenantsOf({ customerNo = 0, companyNo = 0 }: NamedRow, target: DialectRecord | undefined) {
    const limit = target ? targetOf(target).tenantId : null
    if (companyNo !== 0 && customerNo !== 0 && host.tenants.tenant(companyNo)?.parentId !== customerNo) {
      throw refusal('companyNo', 'unknown_tenant', 'The customer has no such company that granted the application.')
    }
    const chosen = companyNo !== 0 ? companyNo : customerNo !== 0 ? customerNo : limit
    if (limit !== null && chosen !== null && !host.tenants.isWithin(chosen, limit)) {
      throw refusal(companyNo === 0 ? 'customerNo' : 'companyNo', 'unknown_tenant', 'The target is limited to another.')
    }
    if (chosen === null) return 'granted' as const
    return companyNo !== 0 ? [companyNo] : { subtree: chosen }
  }

  /** One row for each target, company and table. */
  function refuseTwin(
    application: Application,
    row: NamedRow & { readonly targetId: string | null },
    self?: string,
  ): void {
    const identifier = findTable(host.catalogue(), row.tableIdentifier)?.identifier
    const twin = viewsOf(application).find(
      (view) =>
        view.id !== self &&
        row.targetId !== null &&
        view.targetId === row.targetId &&
        view.tableIdentifier === identifier &&
        view.companyNo === row.companyNo &&
        (row.companyNo !== 0 || view.customerNo === row.customerNo),
    )
    if (twin) throw new AppError('conflict', `The target already has a subscription to this table: ${twin.id}.`)
  }

  function viewsOf(application: Application): readonly SubscriptionView[] {
    return host.subscriptions
      .listOf(application, dialect)
      .flatMap((subscription) => subscriptionView(subscription, host) ?? [])
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  function found(request: FastifyRequest): { readonly subscription: Subscription; readonly view: SubscriptionView } {
    const subscription = subscriptions.get(applicationOf(request), (request.params as { id: string }).id)
    if (subscription.dialect !== dialect) throw notFound()
    return { subscription, view: shown(subscription) }
  }

  function shown(subscription: Subscription): SubscriptionView {
    const view = subscriptionView(subscription, host)
    if (!view) throw notFound()
    return view
  }

  function targetOfApplication({ integrationId }: Application, id: string): DialectRecord {
    const record = records.get(integrationId, dialect, id)
    if (!record) throw refusal('targetId', 'unknown_target', 'There is no such target.')
    return record
  }
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no subscription with this id.')
}
