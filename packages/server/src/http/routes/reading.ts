import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { networkOf } from '../../core/address/client-address.ts'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import { operationalTopic } from '../../core/event/operational-event.ts'
import { onlyPartition } from '../../core/event/partition.ts'
import { encodeOffset } from '../../core/ids/offset.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Clock } from '../../core/time/clock.ts'
import { parseRfc3339 } from '../../core/time/time.ts'
import type { EventLog } from '../../log/event-log.ts'
import type { Grants } from '../../match/grants.ts'
import { serveEventSource } from '../../stream/event-source.ts'
import { readFeed } from '../../stream/feed.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'
import type { Callers } from '../callers.ts'
import { type EventEncodings, encodingFor } from '../event-encoding.ts'
import type { Readiness } from '../readiness.ts'
import { badQuery, placeOf, tenantIdsIn, viewFor } from '../reading.ts'
import { eventOutput, topicOutput } from '../schemas/event.ts'
import { pageOf } from '../schemas/page.ts'

/** Tells when credentials may have ended. */
export interface CredentialChanges {
  /** Calls back when those of a caller may have. Returns its cancel. */
  onChanged(caller: Caller, wake: () => void): () => void
}

export interface ReadingDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly grants: Grants
  /** Topics that events can be published to. */
  readonly topics: () => readonly string[]
  readonly offsetOf: (event: Pick<StoredEvent, 'topic' | 'position'>) => string
  readonly callers: Pick<Callers, 'isKnown'>
  readonly access: CredentialChanges
  readonly streams: Pick<OpenStreams, 'open' | 'list'>
  readonly newStreamId: () => string
  readonly readiness: Pick<Readiness, 'isStopping'>
  readonly encodings: EventEncodings
}

const filters = {
  types: Type.Optional(Type.String({ description: 'Event patterns, separated by commas.', examples: ['invoice.*'] })),
  tenants: Type.Optional(Type.String({ description: 'Tenant ids, separated by commas.' })),
  filter: Type.Optional(Type.String({ description: 'A JSON match on event fields, as in subscriptions.' })),
}
const feedQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ description: 'Exclusive; without it the feed starts at the earliest event.' })),
    limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$', description: '1 to 1,000; default 100.' })),
    wait: Type.Optional(Type.String({ pattern: '^\\d{1,2}$', description: 'Seconds to wait for an event, up to 60.' })),
    ...filters,
  },
  { additionalProperties: false },
)
const streamQuery = Type.Object(
  {
    topics: Type.Optional(Type.String({ description: 'Separated by commas; all when absent.' })),
    since: Type.Optional(
      Type.String({
        description: 'RFC 3339: begins with what was appended at or after this time. Last-Event-ID goes before it.',
      }),
    ),
    lastEventId: Type.Optional(Type.String({ description: 'For clients that cannot send the header Last-Event-ID.' })),
    ...filters,
  },
  { additionalProperties: false },
)
const readers: readonly Caller['kind'][] = ['integrator', 'operator', 'publisher']
/** What the resume token of a stream is bound to: it holds for all topics at once. */
export const everyTopic = '*'

export function readingRoutes(app: FastifyInstance, deps: ReadingDeps): void {
  const { log, clock, streams } = deps
  const openStream = ({ ip, caller }: FastifyRequest) =>
    streams.open(networkOf(ip), caller.kind === 'integrator' ? caller.integrationId : null)
  const earliest = () => log.bounds(onlyPartition).earliest

  app.get('/v1/topics', {
    config: { callers: readers, isForPages: true },
    schema: {
      summary: 'Topics',
      tags: ['Reading'],
      querystring: Type.Object({}, { additionalProperties: false }),
      response: { 200: pageOf(topicOutput) },
    },
    handler: async () => {
      await log.refresh()
      const { earliest, latest } = log.bounds(onlyPartition)
      return {
        items: deps.topics().map((topic) => ({
          topic,
          earliest: deps.offsetOf({ topic, position: earliest }),
          latest: deps.offsetOf({ topic, position: latest }),
        })),
        next: null,
      }
    },
  })

  app.get('/v1/topics/:topic/events', {
    config: { callers: readers, isForPages: true, refusals: ['invalid_offset'] },
    schema: {
      summary: 'The feed of a topic',
      description:
        'Reads on after an offset; `wait` makes it a long poll. Send `next` back as `after`. `Accept: application/cloudevents+json` gives the events as CloudEvents.',
      tags: ['Reading'],
      params: Type.Object({ topic: Type.String() }),
      querystring: feedQuery,
      response: {
        200: Type.Object({
          events: Type.Array(eventOutput),
          next: Type.String(),
          earliest: Type.String(),
          clamped: Type.Boolean(),
        }),
      },
    },
    serializerCompiler: () => (data) => data as string,
    handler: async (request, reply) => {
      const { topic } = request.params as { topic: string }
      const query = request.query as Static<typeof feedQuery>
      if (!deps.topics().includes(topic))
        throw new AppError('not_found', 'There is no topic with this name. GET /v1/topics lists all of them.')
      const limit = inRange('limit', query.limit, 100, 1, 1_000)
      const waitMs = request.isHead ? 0 : inRange('wait', query.wait, 0, 0, 60) * 1_000
      const view = viewFor(request.caller, query, deps.grants)
      const encoding = encodingFor(request.headers.accept, deps.encodings)
      variesByAccept(reply)
      await log.refresh()
      const place =
        query.after === undefined
          ? { position: earliest(), isClamped: false }
          : placeOf(query.after, topic, log, deps.topics())
      const page = await readFeed(log, clock, {
        topic,
        partition: onlyPartition,
        after: place.position,
        limit,
        waitMs,
        view,
        isAllowed: () => deps.callers.isKnown(request),
        isGone: () => request.raw.destroyed || deps.readiness.isStopping,
      })
      const offset = (position: number) => JSON.stringify(deps.offsetOf({ topic, position }))
      const events = page.events.map((event) => encoding.textOf(event, deps.offsetOf(event))).join()
      return reply
        .type('application/json')
        .send(
          `{"events":[${events}],"next":${offset(page.next)},"earliest":${offset(earliest())},"clamped":${place.isClamped}}`,
        )
    },
  })

  app.get('/v1/stream', {
    config: { callers: readers, isForPages: true, refusals: ['invalid_offset'] },
    schema: {
      summary: 'Server-sent events',
      description: 'Live from the response on; `Last-Event-ID` resumes after the event of that id.',
      tags: ['Reading'],
      querystring: streamQuery,
      response: {
        200: {
          description: 'Never ends; see /asyncapi.json.',
          content: { 'text/event-stream': { schema: Type.String() } },
        },
      },
    },
    handler: async (request, reply) => {
      const query = request.query as Static<typeof streamQuery>
      const topics = topicsOf(query.topics, deps.topics)
      const view = viewFor(request.caller, query, deps.grants)
      const encoding = encodingFor(request.headers.accept, deps.encodings)
      variesByAccept(reply)
      await log.refresh()
      const resumed = request.headers['last-event-id'] ?? query.lastEventId
      const start =
        resumed === undefined || resumed === ''
          ? { position: await positionSince(query.since, log, onlyPartition), isClamped: false }
          : placeOf([resumed].flat()[0]!, everyTopic, log, [])
      if (request.isHead) return reply.type('text/event-stream; charset=utf-8').send('')
      const endCount = openStream(request)
      let { position } = start
      let isEnded = false
      const { caller } = request
      const unlist = streams.list.add({
        ...{ id: deps.newStreamId(), openedAtMs: clock.now() },
        ...{ transport: 'sse', dialect: 'standard', address: request.ip },
        facts: () => ({
          integrationIds: 'integrationId' in caller ? [caller.integrationId] : [],
          tenantIds: tenantsOf(caller, query.tenants),
          topics: [...topics()],
          position,
          bufferedBytes: reply.raw.writableLength,
        }),
        disconnect: () => {
          isEnded = true
          reply.raw.end()
        },
      })
      const end = () => {
        endCount()
        unlist()
      }
      reply.hijack()
      const { raw } = reply
      // A client that comes again at once finds its place free, before the loop below has noticed.
      raw.once('close', end)
      raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      })
      // Events between the position asked for and the earliest are gone: said by name, not passed over.
      if (start.isClamped) raw.write('event: clamped\ndata: {}\n\n')
      try {
        await serveEventSource(
          {
            log,
            clock,
            partition: onlyPartition,
            topics,
            view,
            tokenOf: (position) => encodeOffset({ epoch: log.epoch, topic: everyTopic, position }),
            textOf: (event) => encoding.textOf(event, deps.offsetOf(event)),
            isAllowed: () => deps.callers.isKnown(request),
            onAccessChanged: (wake) => deps.access.onChanged(request.caller, wake),
            moved: (next) => {
              position = next
            },
            write: (text) => written(raw, text),
          },
          start.position,
          () => isEnded || raw.destroyed || deps.readiness.isStopping,
        )
      } finally {
        end()
        raw.end()
      }
    },
  })
}

/** Null: all that the caller may see. */
function tenantsOf(caller: Caller, asked: string | undefined): TenantId[] | null {
  if (caller.kind === 'integrator' && caller.tenantId !== null) return [caller.tenantId]
  return asked === undefined ? null : tenantIdsIn(asked)
}

/** @throws AppError `malformed_request` when it is no time. */
async function positionSince(since: string | undefined, log: EventLog, partition: number): Promise<number> {
  const { earliest, latest } = log.bounds(partition)
  if (since === undefined) return latest
  const time = parseRfc3339(since)
  if (!time) throw badQuery('since', '`since` is a time of RFC 3339, as 2026-01-31T12:00:00Z.')
  return Math.max(earliest, await log.positionBefore(partition, time.epochMs))
}

/** Resolves when the socket takes more: a reader that does not read is served at its own pace, holding one slice. */
function written(raw: NodeJS.WritableStream & { destroyed: boolean }, text: string): Promise<boolean> {
  if (raw.destroyed) return Promise.resolve(false)
  if (raw.write(text)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const done = () => {
      raw.removeListener('drain', done)
      raw.removeListener('close', done)
      resolve(!raw.destroyed)
    }
    raw.once('drain', done)
    raw.once('close', done)
  })
}

/** All that there are at any moment, or those that were named. */
function topicsOf(text: string | undefined, knownNow: () => readonly string[]): () => ReadonlySet<string> {
  const known = knownNow()
  // Events of Tidings itself are shown only to readers that ask for them by name.
  if (text === undefined) return () => new Set(knownNow().filter((topic) => topic !== operationalTopic))
  const topics = text.split(',')
  const unknown = topics.find((topic) => !known.includes(topic))
  if (unknown !== undefined) throw badQuery('topics', 'One of these topics does not exist. GET /v1/topics lists them.')
  const named = new Set(topics)
  return () => named
}

function inRange(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (value < min || value > max) throw badQuery(name, `\`${name}\` is from ${min} to ${max}.`)
  return value
}

/** Beside what else it varies by: a cache must not give CloudEvents to who did not ask for them. */
function variesByAccept(reply: FastifyReply): void {
  reply.header('vary', [reply.getHeader('vary') ?? [], 'Accept'].flat().join(', '))
}
