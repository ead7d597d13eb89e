import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { type Caller, type Owner, ownerFor } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { everyDelivery } from '../../deliver/delivery-search.ts'
import { eventDeliveries } from '../../deliver/event-deliveries.ts'
import type { HistoryStore } from '../../deliver/history/history-store.ts'
import { isConcerned, mayHaveDelivery } from '../../explain/concerned.ts'
import type { EventLookUp } from '../../explain/event-look-up.ts'
import { type Explainer, expired } from '../../explain/explainer.ts'
import type { Grants } from '../../match/grants.ts'
import type { SubscriptionLookUp } from '../../registry/subscription-look-up.ts'
import { type DeliveryViewDeps, deliveryView } from '../delivery-view.ts'
import { nativeText, tenantIn, viewerOf } from '../reading.ts'
import { eventWithDeliveries, explanation } from '../schemas/explanation.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import type { LiveDeliveries } from './deliveries.ts'

export interface ExplainRoutesDeps extends DeliveryViewDeps {
  readonly history: HistoryStore
  readonly grants: Grants
  readonly lookUp: EventLookUp
  readonly explainer: Explainer
  readonly subscriptions: SubscriptionLookUp
  readonly deliveries: Pick<LiveDeliveries, 'flush'>
}

const readers: readonly Caller['kind'][] = ['integrator', 'operator', 'publisher']
const owners: readonly Caller['kind'][] = ['integrator', 'operator']
const tags = ['Deliveries']
const reference =
  'The id that the event was published with, the one that Tidings gave it, or `topic:offset`, as `invoices:AbCdEf…`.'
const idParams = Type.Object({ id: Type.String({ description: reference }) })
const tenant = Type.Optional(Type.String({ description: 'Whose event it is, where several tenants use one id.' }))
const tenantQuery = Type.Object({ tenant }, { additionalProperties: false })
const mostShown = 100

export function explainRoutes(app: FastifyInstance, deps: ExplainRoutesDeps): void {
  const { history, grants, lookUp, explainer, subscriptions } = deps
  const serializerCompiler = () => (data: unknown) => (typeof data === 'string' ? data : jsonText(data))

  app.get('/v1/events/:id', {
    config: { callers: readers, refusals: ['not_found', 'overloaded'] },
    serializerCompiler,
    schema: {
      summary: 'One event and its deliveries',
      tags,
      params: idParams,
      querystring: tenantQuery,
      response: { 200: eventWithDeliveries },
    },
    handler: async (request, reply) => {
      const event = await found(request)
      await deps.deliveries.flush()
      const numbers = subscriptionsFor(request, (each) => mayHaveDelivery(each, event, grants)).map(
        ({ number }) => number,
      )
      const page = await eventDeliveries(history, everyDelivery(numbers), event, { limit: mostShown, cursor: null })
      const deliveries = page.rows.map((row) => deliveryView(deps, row, event))
      // The event's text stays as it was published, to the last digit.
      const text = nativeText(event, deps.offsetOf(event))
      return reply.type('application/json').send(`${text.slice(0, -1)},"deliveries":${jsonText(deliveries)}}` as never)
    },
  })

  app.get('/v1/events/:id/explain', {
    config: { callers: readers, refusals: ['not_found', 'overloaded'] },
    serializerCompiler,
    schema: {
      summary: 'Why an event did or did not arrive at each subscription of its tenant',
      tags,
      params: idParams,
      querystring: Type.Object({ tenant, ...pageFields }, { additionalProperties: false }),
      response: { 200: pageOf(explanation) },
    },
    handler: async (request) => {
      const event = await found(request)
      const { cursor, limit = '100' } = request.query as { cursor?: string; limit?: string }
      const [after] = cursor === undefined ? [-1] : decodeCursor(cursor, ['number'])
      const rest = subscriptionsFor(request, (each) => each.number > after && isConcerned(each, event, grants))
      const page = rest.slice(0, Number(limit))
      const items = []
      for (const subscription of page) items.push(await explainer.explain(subscription, event))
      return { items, next: rest.length > page.length ? encodeCursor([page.at(-1)!.number]) : null }
    },
  })

  const explainQuery = Type.Object(
    { event: Type.String({ description: reference }), tenant },
    { additionalProperties: false },
  )
  app.get('/v1/subscriptions/:id/explain', {
    config: { callers: owners, refusals: ['not_found', 'overloaded'] },
    serializerCompiler,
    schema: {
      summary: 'Why an event did or did not arrive at a subscription',
      tags,
      params: Type.Object({ id: Type.String() }),
      querystring: explainQuery,
      response: { 200: explanation },
    },
    handler: async (request) => {
      const { id } = request.params as { id: string }
      const { event: asked, tenant } = request.query as Static<typeof explainQuery>
      const subscription = subscriptions.get(ownerOf(request), id)
      const answer = await lookUp.find(asked, viewerOf(request.caller), tenantIn(tenant))
      return answer.kind === 'event' ? explainer.explain(subscription, answer.event) : expired(subscription, asked)
    },
  })

  /** @throws AppError `not_found` */
  async function found(request: FastifyRequest): Promise<StoredEvent> {
    const { id } = request.params as { id: string }
    const { tenant } = request.query as { tenant?: string }
    const answer = await lookUp.find(id, viewerOf(request.caller), tenantIn(tenant))
    if (answer.kind === 'event') return answer.event
    throw new AppError(
      'not_found',
      'Retention has removed this event from the log. Ask about one of its subscriptions to see what became of it.',
    )
  }

  /** By number, which is by creation. */
  function subscriptionsFor(request: FastifyRequest, isMeant: (subscription: Subscription) => boolean): Subscription[] {
    return [...subscriptions.all(ownerOf(request))].filter(isMeant).sort((a, b) => a.number - b.number)
  }
}

/** A publisher sees the application's events, so it sees what became of all of them. */
function ownerOf({ caller }: FastifyRequest): Owner {
  return ownerFor(caller) ?? { kind: 'operator' }
}
