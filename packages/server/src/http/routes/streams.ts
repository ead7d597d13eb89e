import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { ListedStream, StreamList } from '../../stream/stream-list.ts'
import { nullable, pageFields, pageOf } from '../schemas/page.ts'
import { tenantIdOutput } from '../schemas/tenant-id.ts'

export interface StreamRoutesDeps {
  readonly list: StreamList
  /** The position of the last durable event. */
  readonly latest: () => number
  /** With which a reader goes on after a position, over all topics. */
  readonly resumeTokenOf: (position: number) => string
}

const mostTenantsShown = 100
/** Streams that one page looks at: an integration's are found among all. */
const mostLookedAt = 5_000
const callers: readonly Caller['kind'][] = ['operator', 'integrator']
const tags = ['Reading']
const stream = Type.Object(
  {
    id: Type.String(),
    transport: Type.Union([Type.Literal('websocket'), Type.Literal('sse')]),
    dialect: Type.String(),
    address: Type.String(),
    connectedAt: Type.String({ format: 'date-time' }),
    integrationIds: Type.Array(Type.String(), { description: 'Empty: the application, or nobody yet.' }),
    tenants: nullable(Type.Integer({ description: 'How many; null: all that its key shows.' })),
    tenantIds: Type.Array(tenantIdOutput, { description: `The first ${mostTenantsShown}.` }),
    topics: Type.Array(Type.String()),
    behind: nullable(
      Type.Integer({ description: 'Events that it has yet to read, at most; null: it follows nothing yet.' }),
    ),
    resumeToken: nullable(
      Type.String({
        description:
          'How far it has read: what `Last-Event-ID` of server-sent events takes. Null: it follows nothing yet.',
      }),
    ),
    bufferedBytes: Type.Integer({ description: 'What waits for a client that does not take it.' }),
  },
  { title: 'Stream' },
)

/** Open streams: an integration sees and ends its own, the operator all. */
export function streamRoutes(app: FastifyInstance, { list, latest, resumeTokenOf }: StreamRoutesDeps): void {
  app.get('/v1/streams', {
    config: { callers },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'Who is connected',
      description:
        'Open streams of this node, oldest first: WebSocket and server-sent events. A page may be short while `next` says that there is more.',
      tags,
      querystring: Type.Object({ ...pageFields }, { additionalProperties: false }),
      response: { 200: pageOf(stream) },
    },
    handler: async (request) => {
      const { cursor, limit = '100' } = request.query as { cursor?: string; limit?: string }
      const [after] = cursor === undefined ? [undefined] : decodeCursor(cursor, ['string'])
      const page = list.page(after, mostLookedAt)
      const own = page.filter((each) => isOwn(request.caller, each))
      const shown = own.slice(0, Number(limit))
      const last = own.length > shown.length ? shown.at(-1) : page.length === mostLookedAt ? page.at(-1) : undefined
      return {
        items: shown.map((each) => view(each, { latest: latest(), resumeTokenOf })),
        next: last ? encodeCursor([last.id]) : null,
      }
    },
  })

  app.delete('/v1/streams/:id', {
    config: { callers },
    schema: {
      summary: 'Disconnect a stream',
      description:
        'A WebSocket is closed with 1012, server-sent events end. Clients connect again and go on where they were.',
      tags,
      params: Type.Object({ id: Type.String() }),
      response: { 204: Type.Null() },
    },
    handler: async (request, reply) => {
      const found = list.get((request.params as { id: string }).id)
      if (!found || !isOwn(request.caller, found)) {
        throw new AppError('not_found', 'There is no open stream with this id. It may have ended meanwhile.')
      }
      found.disconnect()
      return reply.code(204).send()
    },
  })
}

/** Of an integration are the streams that carry nothing of another, to whoever looks after all of its tenants. */
function isOwn(caller: Caller, each: ListedStream): boolean {
  if (caller.kind === 'operator') return true
  if (caller.kind !== 'integrator' || caller.tenantId !== null) return false
  const { integrationIds } = each.facts()
  return integrationIds.length > 0 && integrationIds.every((id) => id === caller.integrationId)
}

function view(
  each: ListedStream,
  { latest, resumeTokenOf }: { latest: number; resumeTokenOf: (position: number) => string },
) {
  const { id, transport, dialect, address, openedAtMs } = each
  const { integrationIds, tenantIds, topics, position, bufferedBytes } = each.facts()
  return {
    ...{ id, transport, dialect, address, connectedAt: formatRfc3339(openedAtMs), integrationIds },
    tenants: tenantIds === null ? null : tenantIds.length,
    tenantIds: (tenantIds ?? []).slice(0, mostTenantsShown),
    topics,
    behind: position === null ? null : Math.max(0, latest - position),
    resumeToken: position === null ? null : resumeTokenOf(position),
    bufferedBytes,
  }
}
