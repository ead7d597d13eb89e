import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import { idRandomBytes, newId } from '../../core/ids/id.ts'
import { decodeOffset } from '../../core/ids/offset.ts'
import type { Clock } from '../../core/time/clock.ts'
import { AccessWatch, type HeldAccess } from '../../stream/access-watch.ts'
import type { LiveStream } from '../../stream/live-stream.ts'
import type { OpenStreams } from '../../stream/open-streams.ts'
import type { Renewable } from '../../stream/renewals.ts'
import type { StreamAuthority } from '../../stream/stream-authority.ts'
import { defaultLimits, type WebSocketLimits, WebSocketStream } from '../../stream/websocket-server.ts'
import { type ConnectionSummary, type FollowedTopics, FortnoxConnection } from './connection.ts'
import { fortnoxEncoding } from './encode.ts'

export interface FortnoxLimits extends WebSocketLimits {
  /** Messages that are not JSON, are binary, or name no known command. */
  readonly faultsPerMinute: number
}

/** The dialect's part of the catalogue, as it is now. */
export interface FortnoxNames {
  /** What the dialect calls a type; undefined: it is not shown. */
  nameOf(type: string): string | undefined
  topics(): Iterable<string>
}

export interface FortnoxStreamOptions {
  readonly stream: LiveStream
  readonly authority: StreamAuthority
  readonly clock: Clock
  /** The log's, for reading offsets. */
  readonly epoch: number
  readonly names: FortnoxNames
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
  const { stream, authority, clock, epoch, names, streams } = options
  const limits: FortnoxLimits = { ...defaultLimits, faultsPerMinute: 20, ...options.limits }
  const encoding = fortnoxEncoding((type) => names.nameOf(type))
  const watch = new AccessWatch<Renewable>()
  const access = {
    changes: 0,
    hold: (connection: Renewable, held: HeldAccess) => watch.hold(connection, held),
  }
  const unwatch = authority.onChanged((change) => {
    access.changes += 1
    for (const connection of watch.concernedBy(change)) stream.renewals.mark(connection)
  })
  const topics: FollowedTopics = {
    places() {
      const known = new Set(names.topics())
      return {
        has: (topic) => known.has(topic),
        decode: (topic, offset) => decodeOffset(offset, { epoch, topic, knownTopics: known }),
        bounds: () => stream.bounds(),
      }
    },
  }
  const sockets = new WebSocketStream(server, {
    path: '/topics-v1',
    clock,
    limits,
    streams,
    addressOf: options.addressOf,
    onError: options.onError ?? (() => {}),
    open: (peer, address) =>
      new FortnoxConnection(peer, {
        ...{ stream, encoding, authority, topics, access, streams, clock },
        maxFaultsPerMinute: limits.faultsPerMinute,
        listed: (connection) =>
          streams.list.add({
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
