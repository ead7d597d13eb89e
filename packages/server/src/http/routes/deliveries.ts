import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { type DeliveryKey, type DeliveryStatus, deliveryStatuses } from '../../core/delivery.ts'
import { decodeDeliveryId, encodeDeliveryId } from '../../core/delivery-id.ts'
import { AppError } from '../../core/errors.ts'
import { compilePatterns, isEventPattern } from '../../core/event-type-pattern.ts'
import { jsonText } from '../../core/json-text.ts'
import type { Subscription } from '../../core/registry.ts'
import type { TenantId } from '../../core/tenant-id.ts'
import { parseRfc3339 } from '../../core/time.ts'
import { type DeliverySearch, searchDeliveries } from '../../deliver/delivery-search.ts'
import type { AttemptRecord, DeliveryRow, DeliveryStore } from '../../deliver/delivery-store.ts'
import { heldDueMs } from '../../deliver/entity-ledger.ts'
import { type Caller, type Owner, owns } from '../../registry/caller.ts'
import { badQuery, tenantIdsIn } from '../reading.ts'
import { attempt, delivery } from '../schemas/delivery.ts'
import { pageOf } from '../schemas/page.ts'
import { tenantIdInput } from '../schemas/tenant-id.ts'
import { ownerOf } from './subscriptions.ts'

export interface DeliveryRoutesDeps {
  readonly store: DeliveryStore
  readonly epoch: number
  readonly offsetOf: (place: { topic: string; position: number }) => string
  readonly subscriptionById: (id: string) => Subscription | undefined
  readonly subscriptionByNumber: (number: number) => Subscription | undefined
  readonly subscriptionsOf: (owner: Owner) => Iterable<Subscription>
  /** Everything settled is in the store. */
  readonly flush: () => Promise<void>
  /** Makes deliveries due now, durably. */
  readonly resend: (rows: readonly DeliveryRow[]) => Promise<void>
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
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; default 100.' }),
    ),
    cursor: Type.Optional(Type.String()),
    types: Type.Optional(Type.String({ description: 'Event patterns, separated by commas; only with NDJSON.' })),
    tenants: Type.Optional(Type.String({ description: 'Tenant ids, separated by commas; only with NDJSON.' })),
    error: Type.Optional(Type.String({ description: 'Of the last attempt, as `http_500`; only with NDJSON.' })),
    since: Type.Optional(Type.String({ description: 'RFC 3339, of the last attempt; only with NDJSON.' })),
    until: Type.Optional(Type.String({ description: 'RFC 3339, exclusive; only with NDJSON.' })),
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
          description: 'A page; with `Accept: application/x-ndjson` all of them, one a line.',
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
      if (request.headers.accept?.includes('application/x-ndjson')) {
        const search = searchOf(subscriptions, {
          ...query,
          types: query.types?.split(','),
          tenants: query.tenants === undefined ? undefined : tenantIdsIn(query.tenants),
        })
        return reply.type('application/x-ndjson').send(Readable.from(exported(search)))
      }
      const page = await store.list({
        subscriptions: subscriptions.map((subscription) => subscription.number),
        statuses: statusesOf(query.status),
        limit: Number(query.limit ?? 100),
        cursor: query.cursor ?? null,
      })
      return { items: page.rows.map(view), next: page.next }
    },
  })

  app.post('/v1/deliveries/resend', {
    config: { ...config, refusals: ['not_found'] },
    serializerCompiler,
    schema: {
      summary: 'Send many deliveries again',
      description:
        'By filter. The answer is NDJSON: `{"resent": n}` while it goes on, and `{"resent": n, "done": true}` at the end. Closing the connection stops it; asking again goes on, because what was sent again is waiting or delivered then.',
      tags,
      body: resendBody,
      response: { 200: { description: 'OK', content: { 'application/x-ndjson': { schema: resentProgress } } } },
    },
    handler: async (request, reply) => {
      const body = request.body as Static<typeof resendBody>
      const subscriptions = chosen(ownerOf(request), body.subscription)
      await deps.flush()
      const search = searchOf(subscriptions, { ...body, status: body.status ?? 'failed' })
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
      return reply.code(202).send({ ...view(row), status: 'waiting', nextAttemptAt: new Date().toISOString() })
    },
  })

  async function* exported(search: DeliverySearch): AsyncGenerator<string> {
    for await (const rows of searchDeliveries(store, search)) {
      if (rows.length > 0) yield rows.map((row) => `${jsonText(view(row))}\n`).join('')
    }
  }

  async function* resentAll(search: DeliverySearch): AsyncGenerator<string> {
    let resent = 0
    for await (const rows of searchDeliveries(store, search)) {
      // What is due is in line already: also what was put there a page ago, and comes again further down the list.
      const meant = rows.filter(({ nextAttemptAtMs }) => nextAttemptAtMs === null || nextAttemptAtMs > Date.now())
      await deps.resend(meant)
      resent += meant.length
      yield `${jsonText({ resent })}\n`
    }
    await deps.flush()
    yield `${jsonText({ resent, done: true })}\n`
  }

  function chosen(owner: Owner, id: string | undefined): Subscription[] {
    if (id === undefined) return [...deps.subscriptionsOf(owner)]
    const subscription = deps.subscriptionById(id)
    if (!subscription || !owns(owner, subscription)) throw new AppError('not_found', 'There is no such subscription.')
    return [subscription]
  }

  async function found(request: FastifyRequest): Promise<DeliveryRow> {
    const key = decodeDeliveryId((request.params as { id: string }).id, deps.epoch)
    const subscription = key && deps.subscriptionByNumber(key.subscription)
    if (key && subscription && owns(ownerOf(request), subscription)) {
      await deps.flush()
      const row = await store.find(key)
      if (row) return row
    }
    throw new AppError('not_found', 'There is no such delivery, or its record is older than the retention.')
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

/** @throws AppError `malformed_request` */
function searchOf(
  subscriptions: readonly Subscription[],
  asked: {
    readonly status?: string | undefined
    readonly types?: readonly string[] | undefined
    readonly tenants?: readonly TenantId[] | undefined
    readonly error?: string | undefined
    readonly since?: string | undefined
    readonly until?: string | undefined
  },
): DeliverySearch {
  if (asked.types?.some((pattern) => !isEventPattern(pattern)))
    throw badQuery('types', 'Give event patterns, as `invoice.*`.')
  return {
    subscriptions: subscriptions.map(({ number }) => number),
    statuses: statusesOf(asked.status),
    wantsType: asked.types ? compilePatterns(asked.types) : () => true,
    tenants: asked.tenants ? new Set(asked.tenants) : null,
    error: asked.error ?? null,
    sinceMs: timeOf('since', asked.since) ?? Number.NEGATIVE_INFINITY,
    untilMs: timeOf('until', asked.until) ?? Number.POSITIVE_INFINITY,
  }
}

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = parseRfc3339(text)
  if (!time) throw badQuery(name, 'The time must be RFC 3339, as 2026-01-31T12:00:00Z.')
  return time.epochMs
}

function statusesOf(text: string | undefined): ReadonlySet<DeliveryStatus> | null {
  if (text === undefined) return null
  if (text === 'undelivered') return new Set(['waiting', 'failed'])
  const status = deliveryStatuses.find((known) => known === text)
  if (!status) throw badQuery('status', `The status is one of ${deliveryStatuses.join(', ')} or undelivered.`)
  return new Set([status])
}
