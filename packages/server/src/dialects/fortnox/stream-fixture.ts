import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, ManualClock, systemClock } from '../../core/clock.ts'
import type { NewEvent } from '../../core/event.ts'
import { offsetEncoder } from '../../core/offset.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import type { EventLog } from '../../log/event-log.ts'
import { LiveStream } from '../../stream/live-stream.ts'
import { OpenStreams, type StreamLimits } from '../../stream/open-streams.ts'
import { TestAuthority } from './authority-fixture.ts'
import type { ConnectionSummary } from './connection.ts'
import { attachFortnoxStream, type FortnoxLimits, type FortnoxStream } from './routes.ts'

const names: Readonly<Record<string, string>> = {
  'invoice.updated': 'invoice-updated-v1',
  'invoice-payment.bookkept': 'invoicepayment-bookkeep-v1',
  'customer.updated': 'customer-updated-v2',
}

export interface TestStream {
  readonly log: EventLog
  readonly authority: TestAuthority
  readonly server: Server
  readonly stream: FortnoxStream
  readonly live: LiveStream
  readonly port: number
  readonly ended: ConnectionSummary[]
  readonly errors: unknown[]
  /** The server's side of each connection, in the order of connecting. */
  readonly sockets: readonly Duplex[]
  offset(topic: string, position: number): string
  stop(): Promise<void>
}

export async function startStream(
  options: {
    log?: EventLog
    clock?: Clock
    limits?: Partial<FortnoxLimits>
    streams?: StreamLimits
    authority?: TestAuthority
    maxBufferedBytes?: number
  } = {},
): Promise<TestStream> {
  const { clock = systemClock, log = new MemoryLog(), authority = new TestAuthority(), limits = {} } = options
  const server = createServer()
  const live = new LiveStream({ log, clock, maxBufferedBytes: options.maxBufferedBytes ?? 512 * 1024 })
  const ended: ConnectionSummary[] = []
  const errors: unknown[] = []
  const sockets: Duplex[] = []
  server.on('upgrade', (_, socket) => sockets.push(socket))
  const stream = attachFortnoxStream(server, {
    stream: live,
    authority,
    clock,
    epoch: log.epoch,
    nameOf: (type) => names[type],
    topics: () => ['invoices', 'customers'],
    limits,
    streams: new OpenStreams(options.streams ?? { perAddress: 100, perIntegration: 100 }),
    onEnded: (summary) => ended.push(summary),
    onError: (error) => errors.push(error),
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    log,
    authority,
    server,
    stream,
    live,
    port: (server.address() as AddressInfo).port,
    ended,
    errors,
    sockets,
    offset: (topic, position) => offsetEncoder(log.epoch, topic).encode(position),
    async stop() {
      const drained = stream.drain(1_000)
      if (clock instanceof ManualClock) await clock.advance(1_000)
      await drained
      live.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

let made = 0
export function newEvent(
  tenantId: number,
  entityId: string,
  more: Partial<Pick<NewEvent, 'topic' | 'type' | 'head' | 'tail'>> = {},
): NewEvent {
  made += 1
  const { topic = 'invoices', type = 'invoice.updated' } = more
  return {
    topic,
    type,
    tenantId,
    entityKey: entityId,
    isQuiet: false,
    id: `evt_${made}`,
    fingerprint: undefined,
    head: `"type":"${type}","timestamp":"2026-01-31T12:00:00.000+01:00","tenantId":${tenantId},"entityId":"${entityId}"`,
    tail: `"id":"evt_${made}"`,
    ...more,
  }
}
