import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { DeliveryKey } from '../../core/delivery.ts'
import { decodeDeliveryId, encodeDeliveryId } from '../../core/delivery-id.ts'
import { AppError } from '../../core/errors.ts'
import { commonPatterns } from '../../core/event-type-pattern.ts'
import { jsonText } from '../../core/json-text.ts'
import type { Resend, ResendFilter, Subscription } from '../../core/registry.ts'
import { formatRfc3339 } from '../../core/time.ts'
import { type BulkResendDeps, resendSteps } from '../../deliver/bulk-resend.ts'
import { type DeliverySearch, searchDeliveries, searchPage } from '../../deliver/delivery-search.ts'
import type { AttemptRecord, DeliveryRow } from '../../deliver/delivery-store.ts'
import { heldDueMs } from '../../deliver/entity-ledger.ts'
import { type Caller, type Owner, owns, typesShownTo } from '../../registry/caller.ts'
import { searchOf } from '../delivery-filter.ts'
import { ownerOf } from '../owner.ts'
import { tenantIdsIn } from '../reading.ts'
import { attempt, delivery } from '../schemas/delivery.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import { resend, resendView } from '../schemas/resend.ts'
import { tenantIdInput } from '../schemas/tenant-id.ts'

export interface DeliveryRoutesDeps extends BulkResendDeps {
  readonly epoch: number
  readonly offsetOf: (place: { topic: string; position: number }) => string
  readonly subscriptionById: (id: string) => Subscription | undefined
  readonly subscriptionByNumber: (number: number) => Subscription | undefined
  readonly subscriptionsOf: (owner: Owner) => Iterable<Subscription>
  /** Everything settled is in the store. */
  readonly flush: () => Promise<void>
  /** Begins a resend that goes on without the request. */
  readonly beginResend: (subscription: Subscription, filter: ResendFilter) => Promise<Resend>
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
    error: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    until: Type.Optional(Type.String()),
  },
  { additionalProperties: false, title: 'ResendDeliveries' },
)

const resentProgress = Type.Object({ resent: Type.Integer(), done: Type.Optional(Type.Literal(true)) })

export function deliveryRoutes(app: FastifyInstance, deps: DeliveryRoutesDeps): void {
  const { store } = deps
  const config = { callers: owners }
  const serializerCompiler = () => (data: unknown) => jsonText(data)

  app.get('/v1/deliveries', {
    config: { ...config, refusals: ['not_found'] },
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
      const query = request.query as ListQuery
      const owner = ownerOf(request)
      const subscriptions = chosen(owner, query.subscription)
      await deps.flush()
      const asked = {
        ...query,
        types: query.types?.split(','),
        tenants: query.tenants === undefined ? undefined : tenantIdsIn(query.tenants),
      }
      const search = searchOf(subscriptions, shownTo(owner, asked))
      if (request.headers.accept?.includes('application/x-ndjson')) {
        return reply.type('application/x-ndjson').send(Readable.from(exported(search)))
      }
      const page = await searchPage(store, search, { limit: Number(query.limit ?? 100), cursor: query.cursor ?? null })
      return { items: page.rows.map(view), next: page.next }
    },
  })

  app.post('/v1/deliveries/resend', {
    config: { ...config, refusals: ['not_found'] },
    serializerCompiler,
    schema: {
      summary: 'Send many deliveries again',
      description:
        'By filter. The answer is NDJSON: `{"resent": n}` while it goes on, and `{"resent": n, "done": true}` at the end. Closing the connection stops it; asking again goes on, because what was sent again is waiting or delivered then. With `Prefer: respond-async` (RFC 7240) it goes on without the connection, also after a restart: the answer is 202 and `Location` says where its progress is.',
      tags,
      headers: Type.Object({ prefer: Type.Optional(Type.String({ description: '`respond-async`.' })) }),
      body: resendBody,
      response: {
        200: { description: 'OK', content: { 'application/x-ndjson': { schema: resentProgress } } },
        202: resend,
      },
    },
    handler: async (request, reply) => {
      const body = request.body as Static<typeof resendBody>
      const owner = ownerOf(request)
      const subscriptions = chosen(owner, body.subscription)
      await deps.flush()
      const { subscription: _subscription, ...asked } = body
      const filter = shownTo(owner, { ...asked, status: body.status ?? 'failed' })
      const search = searchOf(subscriptions, filter)
      if (prefersAsync(request.headers.prefer)) {
        const begun = await deps.beginResend(subscriptions[0]!, filter as ResendFilter)
        void reply.headers({ location: `/v1/resends/${begun.id}`, 'preference-applied': 'respond-async' })
        return reply.code(202).send(resendView(begun, begun.status))
      }
      return reply.type('application/x-ndjson').send(Readable.from(resentAll(search)))
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
      return { items: (await store.attemptsOf(row)).map(attemptView), next: null }
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
      await deps.resend([row])
      return reply.code(202).send({ ...view(row), status: 'waiting', nextAttemptAt: formatRfc3339(deps.nowMs()) })
    },
  })

  async function* exported(search: DeliverySearch): AsyncGenerator<string> {
    for await (const { rows } of searchDeliveries(store, search)) {
      if (rows.length > 0) yield rows.map((row) => `${jsonText(view(row))}\n`).join('')
    }
  }

  async function* resentAll(search: DeliverySearch): AsyncGenerator<string> {
    let resent = 0
    for await (const step of resendSteps(deps, search, { cursor: null, startedAtMs: deps.nowMs() })) {
      resent += step.resent
      yield `${jsonText({ resent })}\n`
    }
    await deps.flush()
    yield `${jsonText({ resent, done: true })}\n`
  }

  function chosen(owner: Owner, id: string | undefined): Subscription[] {
    if (id === undefined) return [...deps.subscriptionsOf(owner)]
    const subscription = deps.subscriptionById(id)
    if (!subscription || !owns(owner, subscription))
      throw new AppError('not_found', 'There is no subscription with this id.')
    return [subscription]
  }

  /** A subscription from before its token's types were kept may hold deliveries that the caller's token does not show. */
  function shownTo<T extends { readonly types?: readonly string[] | undefined }>(owner: Owner, asked: T): T {
    const shown = owner.kind === 'operator' ? null : (owner.token?.types ?? null)
    const types = commonPatterns(asked.types ?? null, shown)
    return types === null ? asked : { ...asked, types }
  }

  async function found(request: FastifyRequest): Promise<DeliveryRow> {
    const key = decodeDeliveryId((request.params as { id: string }).id, deps.epoch)
    const subscription = key && deps.subscriptionByNumber(key.subscription)
    const owner = ownerOf(request)
    if (key && subscription && owns(owner, subscription)) {
      await deps.flush()
      const row = await store.find(key)
      if (row && typesShownTo(owner).allows(row.type)) return row
    }
    throw new AppError('not_found', 'There is no delivery with this id, or its record is older than the retention.')
  }

  function view(row: DeliveryRow): Record<string, unknown> {
    return {
      id: idOf(row),
      status: row.status,
      subscription: deps.subscriptionByNumber(row.subscription)?.id ?? null,
      type: row.type,
      topic: row.topic,
      offset: deps.offsetOf(row),
      tenantId: row.tenantId,
      entityId: row.entityKey,
      sequence: row.sequence,
      attempts: row.attempts,
      // A held delivery waits for an older one of its entity, not for a time.
      nextAttemptAt:
        row.nextAttemptAtMs === null || row.nextAttemptAtMs === heldDueMs
          ? null
          : new Date(row.nextAttemptAtMs).toISOString(),
      lastAttempt: row.lastAttempt && attemptView(row.lastAttempt),
    }
  }

  function idOf(key: DeliveryKey): string {
    const { subscription, partition, position } = key
    return encodeDeliveryId({ epoch: deps.epoch, subscription, partition, position })
  }
}

function attemptView(attempt: AttemptRecord): Record<string, unknown> {
  return {
    attempt: attempt.attempt,
    at: new Date(attempt.atMs).toISOString(),
    durationMs: attempt.durationMs,
    status: attempt.status,
    error: attempt.error,
    body: attempt.body,
  }
}

/** RFC 7240: preferences are separated by commas, and several headers are as one. */
function prefersAsync(prefer: string | string[] | undefined): boolean {
  const preferences = [prefer ?? []].flat().flatMap((line) => line.split(','))
  return preferences.some((preference) => preference.split(';')[0]!.trim().toLowerCase() === 'respond-async')
}

interface ListQuery {
  readonly subscription?: string
  readonly status?: string
  readonly limit?: string
  readonly cursor?: string
  readonly types?: string
  readonly tenants?: string
  readonly error?: string
  readonly since?: string
  readonly until?: string
}
