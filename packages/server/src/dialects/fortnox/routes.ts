import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { idRandomBytes, newId } from '../../core/ids/id.ts'
import { decodeOffset } from '../../core/ids/offset.ts'
import type { Clock } from '../../core/time/clock.ts'
import { AccessWatch } from '../../stream/access-watch.ts'
import type { LiveStream } from '../../stream/live-stream.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'
import type { Renewable } from '../../stream/renewals.ts'
import type { StreamAuthority } from '../../stream/stream-authority.ts'
import { defaultLimits, type WebSocketLimits, WebSocketStream } from '../../stream/websocket-server.ts'
import { type ConnectionSummary, FortnoxConnection } from './connection.ts'
import { fortnoxEncoding } from './encode.ts'

export interface FortnoxLimits extends WebSocketLimits {
  /** Messages that are not JSON, are binary, or name no known command. */
  readonly faultsPerMinute: number
}

export interface FortnoxStreamOptions {
  readonly stream: LiveStream
  readonly authority: StreamAuthority
  readonly clock: Clock
  /** The log's, for reading offsets. */
  readonly epoch: number
  /** What the dialect calls a type; undefined: it is not shown. */
  readonly nameOf: (type: string) => string | undefined
  /** The topics of the dialect. */
  readonly topics: () => Iterable<string>
  readonly limits?: Partial<FortnoxLimits>
  readonly streams: OpenStreams
  readonly addressOf?: (request: IncomingMessage) => string
  readonly onError?: (error: unknown) => void
  /** Once for each connection, when it has ended. */
  readonly onEnded?: (summary: ConnectionSummary) => void
}

export interface FortnoxStream {
  readonly connections: number
  /** See `WebSocketStream.drain`. */
  drain(graceMs: number): Promise<void>
}

/** Serves `GET /topics-v1`: contracts/fortnox.md. All authentication is in `add-tenants-v1`. */
export function attachFortnoxStream(server: Server, options: FortnoxStreamOptions): FortnoxStream {
  const { stream, authority, clock, epoch } = options
  const limits: FortnoxLimits = { ...defaultLimits, faultsPerMinute: 20, ...options.limits }
  const encoding = fortnoxEncoding(options.nameOf)
  let changes = 0
  const watch = new AccessWatch<Renewable>()
  const unwatch = authority.onChanged((change) => {
    changes += 1
    for (const connection of watch.concernedBy(change)) stream.renewals.mark(connection)
  })
  const places = () => {
    const topics = new Set(options.topics())
    return {
      has: (topic: string) => topics.has(topic),
      decode: (topic: string, offset: string) => decodeOffset(offset, { epoch, topic, knownTopics: topics }),
      bounds: () => stream.bounds(),
    }
  }
  const sockets = new WebSocketStream(server, {
    path: '/topics-v1',
    clock,
    limits,
    streams: options.streams,
    addressOf: options.addressOf,
    onError: options.onError ?? (() => {}),
    open: (peer, address) =>
      new FortnoxConnection(peer, {
        stream,
        encoding,
        authority,
        places,
        maxFaultsPerMinute: limits.faultsPerMinute,
        now: () => clock.now(),
        changes: () => changes,
        holds: (connection, access) => watch.hold(connection, access),
        claim: (integrationId) => options.streams.claim(integrationId),
        release: (integrationId) => options.streams.release(integrationId),
        listed: (connection) =>
          options.streams.list.add({
            id: newId('str', clock.now(), randomBytes(idRandomBytes)),
            ...{ transport: 'websocket', dialect: 'fortnox', address, openedAtMs: clock.now() },
            facts: () => connection.facts(),
            disconnect: () => connection.disconnect(),
          }),
        onEnded: (summary) => options.onEnded?.({ ...summary, address }),
      }),
  })
  return {
    get connections() {
      return sockets.connections
    },
    async drain(graceMs) {
      await sockets.drain(graceMs)
      unwatch()
    },
  }
}
