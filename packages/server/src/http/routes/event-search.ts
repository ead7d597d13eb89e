import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import { operationalTopic } from '../../core/event/operational-event.ts'
import { onlyPartition } from '../../core/event/partition.ts'
import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { AskerGate } from '../../core/limit/asker-gate.ts'
import type { EventBody } from '../../dialects/contract/event-body.ts'
import type { EventLookUp } from '../../explain/event-look-up.ts'
import type { EventLog } from '../../log/event-log.ts'
import { type NewestEvents, newestEvents } from '../../log/newest-events.ts'
import type { Grants } from '../../match/grants.ts'
import { nativeText, type ReadQuery, tenantIn, timeIn, viewerOf, viewFor } from '../reading.ts'
import { eventBody, eventBodyView, filterTrial, filterTrialInput, listedEvents } from '../schemas/event-search.ts'
import { pageFields } from '../schemas/page.ts'

export interface EventBodies {
  /** As each dialect would send it that can name it. */
  bodiesOf(event: StoredEvent): readonly EventBody[]
}

export interface EventSearchDeps {
  readonly log: EventLog
  readonly grants: Grants
  readonly topics: () => readonly string[]
  readonly lookUp: EventLookUp
  readonly offsetOf: (place: { readonly topic: string; readonly position: number }) => string
  readonly bodies: EventBodies
}

const readers: readonly Caller['kind'][] = ['integrator', 'operator', 'publisher']
const tags = ['Reading']
/** Events that one request looks at, at most. */
const mostLookedAt = 20_000
/** Events that a filter is tried on. */
const mostTried = 1_000
const given = (description: string) => Type.Optional(Type.String({ description }))
const listQuery = Type.Object(
  {
    id: given(
      'Only the event with this id, the publisher’s or Tidings’ own, or `topic:offset`; then `tenant` alone counts.',
    ),
    topic: given('Only of this topic; else of all but Tidings’ own.'),
    types: given('Event patterns, separated by commas.'),
    tenant: given('Only of this tenant.'),
    entity: given('Only of this entity: its id, or its composite key as JSON text.'),
    since: given('RFC 3339, of appending.'),
    until: given('RFC 3339, exclusive.'),
    filter: given('A JSON match on event fields, as in subscriptions.'),
    ...pageFields,
  },
  { additionalProperties: false },
)
type ListQuery = Static<typeof listQuery>

/** Looking for events: the log backwards, by filter. */
export function eventSearchRoutes(app: FastifyInstance, deps: EventSearchDeps): void {
  const { log, lookUp } = deps
  const gate = new AskerGate({ mostAtOnce: 4, mostWaiting: 200 })

  app.get('/v1/events', {
    config: { callers: readers, refusals: ['not_found', 'overloaded'] },
    serializerCompiler: () => (data) => data as string,
    schema: {
      summary: 'Events, newest first',
      description:
        'By filter. A page may be short, even empty, while `next` says that there is more: a request looks at 20,000 events at most.',
      tags,
      querystring: listQuery,
      response: { 200: listedEvents },
    },
    handler: async (request, reply) => {
      const query = request.query as ListQuery
      const { events, next } = query.id === undefined ? await listed(request, query) : await named(request, query)
      const items = events.map((event) => nativeText(event, deps.offsetOf(event))).join()
      const cursor = next === null ? 'null' : JSON.stringify(encodeCursor([next]))
      return reply.type('application/json').send(`{"items":[${items}],"next":${cursor}}`)
    },
  })

  app.post('/v1/filters/try', {
    config: { callers: readers, refusals: ['overloaded'] },
    serializerCompiler: () => (data) => data as string,
    schema: {
      summary: 'Try a filter on recent events',
      description: `Nothing is stored or sent. The filter is asked about the last ${mostTried.toLocaleString('en')} events of the types and tenants; \`items\` shows the newest of them, each with the answer.`,
      tags,
      body: filterTrialInput,
      response: { 200: filterTrial },
    },
    handler: async (request, reply) => {
      const { types, tenants, filter, limit = 20 } = request.body as Static<typeof filterTrialInput>
      const asked = {
        ...(types && types.length > 0 ? { types: types.join() } : {}),
        ...(tenants && tenants.length > 0 ? { tenants: tenants.join() } : {}),
      }
      const text = filter === undefined || filter === null ? {} : { filter: jsonText(filter) }
      // Refuses a filter with faults before anything is read.
      const { wants } = viewFor(request.caller, text, deps.grants)
      const { events } = await newest(request, asked, { limit: mostTried })
      const answers = events.map((event) => wants(event))
      const items = events
        .slice(0, limit)
        .map((event, index) => `{"matches":${answers[index]},"event":${nativeText(event, deps.offsetOf(event))}}`)
      const matched = answers.filter((answer) => answer).length
      return reply
        .type('application/json')
        .send(`{"tried":${events.length},"matched":${matched},"items":[${items.join()}]}`)
    },
  })

  app.get('/v1/events/:id/bodies', {
    config: { callers: readers, refusals: ['not_found', 'overloaded'] },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'An event as each dialect would send it',
      description:
        'For a subscription with no settings of its own: without signature, `fields` and batch, and with `data` as it was published. The dialects that have a name for its type.',
      tags,
      params: Type.Object({ id: Type.String() }),
      querystring: Type.Object({ tenant: given('Whose event it is.') }, { additionalProperties: false }),
      response: { 200: Type.Object({ items: Type.Array(eventBody) }) },
    },
    handler: async (request) => {
      const { id } = request.params as { id: string }
      const { events } = await named(request, { ...(request.query as { tenant?: string }), id })
      if (events.length === 0) throw new AppError('not_found', 'Retention has removed this event from the log.')
      return { items: deps.bodies.bodiesOf(events[0]!).map(eventBodyView) }
    },
  })

  async function named(request: FastifyRequest, { id, tenant }: ListQuery): Promise<NewestEvents> {
    const found = await lookUp.find(id!, viewerOf(request.caller), tenantIn(tenant))
    return { events: found.kind === 'event' ? [found.event] : [], next: null }
  }

  async function listed(request: FastifyRequest, query: ListQuery): Promise<NewestEvents> {
    const { types, tenant, filter, entity, limit = '100', cursor } = query
    if (tenant !== undefined) tenantIn(tenant)
    const asked: ReadQuery = {
      ...(types === undefined ? {} : { types }),
      ...(tenant === undefined ? {} : { tenants: tenant }),
      ...(filter === undefined ? {} : { filter }),
    }
    const place = { limit: Number(limit), entity, topic: query.topic, cursor }
    return newest(request, asked, {
      ...place,
      sinceMs: timeIn('since', query.since),
      untilMs: timeIn('until', query.until),
    })
  }

  async function newest(
    request: FastifyRequest,
    asked: ReadQuery,
    place: {
      readonly limit: number
      readonly topic?: string | undefined
      readonly entity?: string | undefined
      readonly cursor?: string | undefined
      readonly sinceMs?: number | undefined
      readonly untilMs?: number | undefined
    },
  ): Promise<NewestEvents> {
    const { caller } = request
    const view = viewFor(caller, asked, deps.grants)
    const { limit, topic, entity, cursor, sinceMs, untilMs } = place
    const [before] = cursor === undefined ? [Number.POSITIVE_INFINITY] : decodeCursor(cursor, ['number'])
    const topics = new Set(topic === undefined ? deps.topics().filter((name) => name !== operationalTopic) : [topic])
    const asker = 'integrationId' in caller ? caller.integrationId : 'the application'
    const found = await gate.run(asker, async () => {
      await log.refresh()
      const { latest } = log.bounds(onlyPartition)
      const until = untilMs === undefined ? latest : await log.positionBefore(onlyPartition, untilMs)
      return newestEvents(log, {
        ...{ partition: onlyPartition, topics, limit, mostLookedAt },
        before: Math.min(before, until + 1),
        after: sinceMs === undefined ? 0 : await log.positionBefore(onlyPartition, sinceMs),
        matches: (event) =>
          view.mayShow(event) && (entity === undefined || event.entityKey === entity) && view.wants(event),
      })
    })
    if (found) return found
    throw new AppError('overloaded', 'Too many events are being looked for. Try again in a few seconds.', {
      retryAfterSeconds: 1,
    })
  }
}
