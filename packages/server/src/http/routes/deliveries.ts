import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type DeliveryKey, type DeliveryStatus, deliveryStatuses } from '../../core/delivery.ts'
import { decodeDeliveryId, encodeDeliveryId } from '../../core/delivery-id.ts'
import { AppError } from '../../core/errors.ts'
import type { Subscription } from '../../core/registry.ts'
import type { AttemptRecord, DeliveryRow, DeliveryStore } from '../../deliver/delivery-store.ts'
import { heldDueMs } from '../../deliver/entity-ledger.ts'
import { type Caller, type Owner, owns } from '../../registry/caller.ts'
import { badQuery } from '../reading.ts'
import { attempt, delivery } from '../schemas/delivery.ts'
import { pageOf } from '../schemas/page.ts'
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
  readonly resend: (row: DeliveryRow) => Promise<void>
}

const owners: readonly Caller['kind'][] = ['integrator', 'operator']
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
  },
  { additionalProperties: false },
)

export function deliveryRoutes(app: FastifyInstance, deps: DeliveryRoutesDeps): void {
  const { store } = deps
  const config = { callers: owners }
  const serializerCompiler = () => (data: unknown) => JSON.stringify(data)

  app.get('/v1/deliveries', {
    config: { ...config, refusals: ['not_found'] },
    serializerCompiler,
    schema: {
      summary: 'What was sent, what came back, what is undelivered',
      tags,
      querystring: listQuery,
      response: { 200: pageOf(delivery) },
    },
    handler: async (request) => {
      const query = request.query as { subscription?: string; status?: string; limit?: string; cursor?: string }
      const owner = ownerOf(request)
      const subscriptions = chosen(owner, query.subscription)
      await deps.flush()
      const page = await store.list({
        subscriptions: subscriptions.map((subscription) => subscription.number),
        statuses: statusesOf(query.status),
        limit: Number(query.limit ?? 100),
        cursor: query.cursor ?? null,
      })
      return { items: page.rows.map(view), next: page.next }
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
      await deps.resend(row)
      return reply.code(202).send({ ...view(row), status: 'waiting', nextAttemptAt: new Date().toISOString() })
    },
  })

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

function statusesOf(text: string | undefined): ReadonlySet<DeliveryStatus> | null {
  if (text === undefined) return null
  if (text === 'undelivered') return new Set(['waiting', 'failed'])
  const status = deliveryStatuses.find((known) => known === text)
  if (!status) throw badQuery('status', `The status is one of ${deliveryStatuses.join(', ')} or undelivered.`)
  return new Set([status])
}
