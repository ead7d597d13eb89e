import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { type Caller, type Owner, owns } from '../../core/credential/caller.ts'
import { decodeDeliveryId } from '../../core/delivery/delivery-id.ts'
import type { DeliveryRow } from '../../core/delivery/delivery-row.ts'
import { AppError } from '../../core/errors.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import { onlyPartition } from '../../core/event/partition.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import { type DeliverySearch, type FoundPage, searchPage } from '../../deliver/delivery-search.ts'
import { eventDeliveries } from '../../deliver/event-deliveries.ts'
import type { HistoryStore } from '../../deliver/history/history-store.ts'
import { mayHaveDelivery } from '../../explain/concerned.ts'
import type { EventLookUp } from '../../explain/event-look-up.ts'
import type { Grants } from '../../match/grants.ts'
import type { BulkResends } from '../../registry/bulk-resends.ts'
import type { SubscriptionLookUp } from '../../registry/subscription-look-up.ts'
import { searchOf } from '../delivery-filter.ts'
import { attemptView, type DeliveryViewDeps, deliveryViews } from '../delivery-view.ts'
import { ownerOf } from '../owner.ts'
import { badQuery, tenantIdsIn, tenantIn, viewerOf } from '../reading.ts'
import { attempt, delivery, deliveryRequest } from '../schemas/delivery.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import { resend, resendView } from '../schemas/resend.ts'
import { tenantIdInput } from '../schemas/tenant-id.ts'

/** Deliveries as they are under way. */
export interface LiveDeliveries {
  /** Resolves when everything that was settled is in the history. */
  flush(): Promise<void>
  /** Makes deliveries due now, durably. */
  resend(rows: readonly DeliveryRow[]): Promise<void>
}

/** Makes the request of a delivery again, without what is secret in it. */
export interface RequestBodies {
  requestOf(
    subscription: Subscription,
    event: StoredEvent,
    of: { readonly sequence: number | null; readonly attempt: number },
  ): object
}

export interface DeliveryRoutesDeps extends DeliveryViewDeps {
  readonly history: HistoryStore
  readonly grants: Grants
  readonly lookUp: EventLookUp
  readonly subscriptions: SubscriptionLookUp
  readonly deliveries: LiveDeliveries
  readonly resends: Pick<BulkResends, 'begin'>
  readonly clock: Pick<Clock, 'now'>
  readonly bodies: RequestBodies
}

const owners: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const tags = ['Deliveries']
const idParams = Type.Object({ id: Type.String() })
const listQuery = Type.Object(
  {
    subscription: Type.Optional(Type.String()),
    status: Type.Optional(
      Type.String({ description: 'waiting, delivered, failed, superseded or undelivered (waiting or failed).' }),
    ),
    ...pageFields,
    event: Type.Optional(
      Type.String({
        description: 'Only those of this event: its id, the one that Tidings gave it, or `topic:offset`.',
      }),
    ),
    entity: Type.Optional(
      Type.String({ description: 'Only those of events of this entity: its id, or its composite key as JSON text.' }),
    ),
    tenant: Type.Optional(Type.String({ description: 'Only those of this tenant; also whose event `event` is.' })),
    types: Type.Optional(Type.String({ description: 'Event patterns, separated by commas.' })),
    tenants: Type.Optional(Type.String({ description: 'Tenant ids, separated by commas.' })),
    error: Type.Optional(Type.String({ description: 'Of the last attempt, as `http_500`.' })),
    since: Type.Optional(Type.String({ description: 'RFC 3339, of the last attempt.' })),
    until: Type.Optional(Type.String({ description: 'RFC 3339, exclusive.' })),
  },
  { additionalProperties: false },
)
const resendBody = Type.Object(
  {
    subscription: Type.String(),
    status: Type.Optional(
      Type.String({ description: 'failed (default), waiting, undelivered, delivered or superseded.' }),
    ),
    types: Type.Optional(Type.Array(Type.String(), { maxItems: 500 })),
    tenants: Type.Optional(Type.Array(tenantIdInput, { maxItems: 10_000 })),
    entity: Type.Optional(Type.String()),
    error: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    until: Type.Optional(Type.String()),
  },
  { additionalProperties: false, title: 'ResendDeliveries' },
)

export function deliveryRoutes(app: FastifyInstance, deps: DeliveryRoutesDeps): void {
  const { history, subscriptions, deliveries } = deps
  const config = { callers: owners }
  const serializerCompiler = () => (data: unknown) => jsonText(data)

  app.get('/v1/deliveries', {
    config: { ...config, refusals: ['not_found', 'overloaded'] },
    serializerCompiler,
    schema: {
      summary: 'What was sent, what came back, what is undelivered',
      tags,
      querystring: listQuery,
      response: {
        200: {
          description:
            'A page; it may be short, even empty, while `next` says that there is more. With `Accept: application/x-ndjson` all of them, one a line.',
          content: {
            'application/json': { schema: pageOf(delivery) },
            'application/x-ndjson': { schema: delivery },
          },
        },
      },
    },
    handler: async (request, reply) => {
      const query = request.query as DeliveriesQuery
      const pages = await pagesOf(request, query)
      await deliveries.flush()
      if (request.headers.accept?.includes('application/x-ndjson')) {
        return reply.type('application/x-ndjson').send(Readable.from(exported(pages)))
      }
      const page = await pages({ limit: Number(query.limit ?? 100), cursor: query.cursor ?? null })
      return { items: await deliveryViews(deps, page.rows), next: page.next }
    },
  })

  app.post('/v1/deliveries/resend', {
    config: { ...config, refusals: ['not_found', 'conflict'] },
    serializerCompiler,
    schema: {
      summary: 'Send many deliveries again',
      description:
        'By filter. The server runs the resend on its own, also after a restart. The answer is its record; `Location` is where to ask how far it is. A subscription has one resend at a time.',
      tags,
      body: resendBody,
      response: { 202: resend },
    },
    handler: async (request, reply) => {
      const body = request.body as Static<typeof resendBody>
      const owner = ownerOf(request)
      const subscription = subscriptions.get(owner, body.subscription)
      const { subscription: _id, ...asked } = body
      const filter = { ...asked, status: body.status ?? 'failed' }
      // Refuses a filter that no search takes, before the resend is noted.
      searchOf([subscription], filter)
      const begun = await deps.resends.begin(subscription, filter)
      return reply.code(202).header('location', `/v1/resends/${begun.id}`).send(resendView(begun, begun.status))
    },
  })

  app.get('/v1/deliveries/:id', {
    config,
    serializerCompiler,
    schema: { summary: 'One delivery', tags, params: idParams, response: { 200: delivery } },
    handler: async (request) => view(await found(request)),
  })

  app.get('/v1/deliveries/:id/attempts', {
    config,
    serializerCompiler,
    schema: { summary: 'The attempts of a delivery', tags, params: idParams, response: { 200: pageOf(attempt) } },
    handler: async (request) => {
      const row = await found(request)
      return { items: (await history.attemptsOf(row)).map(attemptView), next: null }
    },
  })

  app.get('/v1/deliveries/:id/request', {
    config,
    serializerCompiler,
    schema: {
      summary: 'What a delivery says to its receiver',
      description:
        'Made again of the event and of the subscription as it is now, for the last attempt, with `data` as it was published. What is secret is left out: there is no signature, and headers of the subscription and its credentials have the value null.',
      tags,
      params: idParams,
      response: { 200: deliveryRequest },
    },
    handler: async (request) => {
      const row = await found(request)
      const [event] = await deps.log.readAt(onlyPartition, [row.position])
      const subscription = subscriptions.withNumber(row.subscription)
      if (!event || !subscription) throw new AppError('not_found', 'Retention has removed the event of this delivery.')
      return deps.bodies.requestOf(subscription, event, { sequence: row.sequence, attempt: Math.max(1, row.attempts) })
    },
  })

  app.post('/v1/deliveries/:id/resend', {
    config,
    serializerCompiler,
    schema: {
      summary: 'Send a delivery again now',
      tags,
      params: idParams,
      body: Type.Optional(Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })])),
      response: { 202: delivery },
    },
    handler: async (request, reply) => {
      const row = await found(request)
      await deliveries.resend([row])
      return reply
        .code(202)
        .send({ ...(await view(row)), status: 'waiting', nextAttemptAt: formatRfc3339(deps.clock.now()) })
    },
  })

  /** What is meant, page by page: of one event by its place, else in the order of the last attempts. */
  async function pagesOf(request: FastifyRequest, query: DeliveriesQuery): Promise<Pages> {
    const asked = { ...query, types: query.types?.split(','), tenants: tenantsOf(query) }
    const owner = ownerOf(request)
    const search = (of: readonly Subscription[]) => searchOf(of, asked)
    if (query.event === undefined) {
      const isOfAll = query.subscription === undefined && owner.kind === 'operator'
      return isOfAll
        ? ofAll({ ...search([]), subscriptions: null })
        : ofChosen(search(chosen(owner, query.subscription)))
    }
    const found = await deps.lookUp.find(query.event, viewerOf(owner), tenantIn(query.tenant))
    if (found.kind === 'expired') return async () => ({ rows: [], next: null })
    const { event } = found
    const among = chosen(owner, query.subscription)
    const meant = search(among.filter((each) => mayHaveDelivery(each, event, deps.grants)))
    return (place) => eventDeliveries(history, meant, event, place)
  }

  function ofChosen(search: DeliverySearch): Pages {
    return (place) => searchPage(history, search, place)
  }

  /** What is left of deleted subscriptions is nobody's. */
  function ofAll(search: DeliverySearch): Pages {
    return async (place) => {
      const { rows, next } = await searchPage(history, search, place)
      return { rows: rows.filter(({ subscription }) => subscriptions.withNumber(subscription) !== undefined), next }
    }
  }

  async function* exported(pages: Pages): AsyncGenerator<string> {
    let cursor: string | null = null
    do {
      const page: FoundPage = await pages({ limit: exportedTogether, cursor })
      if (page.rows.length > 0) {
        yield (await deliveryViews(deps, page.rows)).map((row) => `${jsonText(row)}\n`).join('')
      }
      cursor = page.next
    } while (cursor !== null)
  }

  function chosen(owner: Owner, id: string | undefined): Subscription[] {
    return id === undefined ? [...subscriptions.all(owner)] : [subscriptions.get(owner, id)]
  }

  async function found(request: FastifyRequest): Promise<DeliveryRow> {
    const key = decodeDeliveryId((request.params as { id: string }).id, deps.log.epoch)
    const subscription = key && subscriptions.withNumber(key.subscription)
    const owner = ownerOf(request)
    if (key && subscription && owns(owner, subscription)) {
      await deliveries.flush()
      const row = await history.find(key)
      if (row) return row
    }
    throw new AppError('not_found', 'There is no delivery with this id, or its record is older than the retention.')
  }

  async function view(row: DeliveryRow): Promise<Record<string, unknown>> {
    const [shown] = await deliveryViews(deps, [row])
    return shown!
  }
}

type Pages = (place: { readonly limit: number; readonly cursor: string | null }) => Promise<FoundPage>

/** Of an export: so many deliveries are in memory at once. */
const exportedTogether = 500

function tenantsOf({ tenant, tenants }: DeliveriesQuery) {
  if (tenant === undefined) return tenants === undefined ? undefined : tenantIdsIn(tenants)
  if (tenants !== undefined) throw badQuery('tenant', 'Give either `tenant` or `tenants`.')
  return [tenantIn(tenant)!]
}

interface DeliveriesQuery {
  readonly subscription?: string
  readonly status?: string
  readonly limit?: string
  readonly cursor?: string
  readonly event?: string
  readonly entity?: string
  readonly tenant?: string
  readonly types?: string
  readonly tenants?: string
  readonly error?: string
  readonly since?: string
  readonly until?: string
}
