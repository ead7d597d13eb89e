import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { NewEvent, StoredEvent } from '../packages/server/src/core/event/event.ts'
import { everyType } from '../packages/server/src/core/event/visible-types.ts'
import { systemClock } from '../packages/server/src/core/time/clock.ts'
import { eventText } from '../packages/server/src/dialects/fortnox/encode.ts'
import { attachFortnoxStream } from '../packages/server/src/dialects/fortnox/routes.ts'
import { openSqliteLog } from '../packages/server/src/engines/sqlite/log.ts'
import { textFrame } from '../packages/server/src/stream/frame.ts'
import { LiveStream } from '../packages/server/src/stream/live-stream.ts'
import { OpenStreams } from '../packages/server/src/stream/open-streams.ts'
import type { StreamAuthority } from '../packages/server/src/stream/stream-authority.ts'
import type { ClientOrder, FromClients, ToClients } from './stream-clients.ts'

export interface StreamRate {
  /** Events times connections. */
  readonly deliveriesPerSecond: number
  /** Processor seconds of the serving process for a million deliveries. */
  readonly cpuSecondsPerMillion: number
}

export interface StreamRates {
  /** A bare loop: one `ws.send` for each message and connection, the text made beforehand. */
  readonly bareSend: StreamRate
  /** The whole way: durable appends to the SQLite log, read at the tail, encoded, written. */
  readonly fanOut: StreamRate
  /** Every connection reads everything from the log, at its own pace. */
  readonly replay: StreamRate
  /** Fan-out to bare sends. */
  readonly ratio: number
}

/** @param events for the fan-out; the slower ways get as many as take them about as long. */
export async function measureStream(events = 50_000, connections = 100): Promise<StreamRates> {
  const bareSend = await measureBareSend(Math.ceil(events / 10), connections)
  const directory = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  try {
    const { fanOut, replay } = await measureFanOut(directory, events, connections)
    return { bareSend, fanOut, replay, ratio: fanOut.deliveriesPerSecond / bareSend.deliveriesPerSecond }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const path = '/topics-v1'
const name = 'invoice-updated-v1'
/** A place that has as many digits as the middle of a run. */
const offset = 'xDy7JxDy7J'

function eventAt(index: number): NewEvent {
  const entityKey = String(100_000 + index)
  return {
    topic: 'invoices',
    tenantId: 29_302,
    type: 'invoice.updated',
    entityKey,
    isQuiet: false,
    id: `${index}`,
    fingerprint: undefined,
    head: `"type":"invoice.updated","timestamp":"2017-12-28T14:59:16.500+01:00","tenantId":29302,"entityId":"${entityKey}"`,
    tail: `"id":"${index}","data":{"id":${index},"customer":"Bygg AB","total":1234.5}`,
  }
}

async function measureBareSend(events: number, connections: number): Promise<StreamRate> {
  const place = { partition: 0, position: 1, appendedAtMs: 0 }
  const texts = Array.from({ length: events }, (_, i) => eventText({ ...eventAt(i), ...place }, offset, name))
  const server = await listen()
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  const sockets: WebSocket[] = []
  wss.on('connection', (socket) => sockets.push(socket))
  const clients = await Clients.connect({ port: portOf(server), path, connections, hello: [], ready: '\r\n\r\n' })
  const bytes = texts.reduce((sum, text) => sum + textFrame(text).length, 0)
  const rate = await measured(events * connections, async () => {
    const received = clients.expect(bytes)
    for (const text of texts) {
      for (const socket of sockets) socket.send(text)
      while (sockets.some((socket) => socket.bufferedAmount > highWater)) await turn()
    }
    await received
  })
  clients.close()
  wss.close()
  server.closeAllConnections()
  server.close()
  return rate
}

async function measureFanOut(directory: string, events: number, connections: number) {
  const log = await openSqliteLog({ directory })
  const live = new LiveStream({ log, clock: systemClock })
  const server = await listen()
  const sockets: Duplex[] = []
  server.on('upgrade', (_, socket) => sockets.push(socket))
  const stream = attachFortnoxStream(server, {
    stream: live,
    authority,
    clock: systemClock,
    epoch: log.epoch,
    names: { nameOf: () => name, topics: () => ['invoices'] },
    streams: new OpenStreams({ perAddress: 10_000, perIntegration: 10_000 }),
  })
  const orderFrom = (offset?: string): ClientOrder => ({
    port: portOf(server),
    path,
    connections,
    hello: [
      '{"command":"add-tenants-v1","clientSecret":"s","accessTokens":["a"]}',
      JSON.stringify({ command: 'add-topics-v1', topics: [{ topic: 'invoices', offset }] }),
      '{"command":"subscribe-v1"}',
    ],
    ready: '{"response":"subscribe-v1","result":"ok"}',
  })
  const all = Array.from({ length: events }, (_, i) => eventAt(i))
  const bytes = all.reduce((sum, event, i) => sum + frameBytes(live, event, i + 1), 0)

  const clients = await Clients.connect(orderFrom())
  const fanOut = await measured(events * connections, async () => {
    const received = clients.expect(bytes)
    for (let at = 0; at < events; at += 250) {
      await log.append(all.slice(at, at + 250))
      while (sockets.some((socket) => socket.writableLength > highWater)) await turn()
    }
    await received
  })
  clients.close()

  const late = Math.ceil(connections / 10)
  const replay = await measured(events * late, async () => {
    const order = orderFrom(live.offsetOf({ topic: 'invoices', position: 0 }))
    const clients = await Clients.connect({ ...order, connections: late })
    await clients.expect(bytes)
    clients.close()
  })
  await stream.drain(1_000)
  live.close()
  server.close()
  await log.close()
  return { fanOut, replay }
}

function frameBytes(live: LiveStream, event: NewEvent, position: number): number {
  const stored: StoredEvent = { ...event, partition: 0, position, appendedAtMs: 0 }
  return textFrame(eventText(stored, live.offsetOf(stored), name)).length
}

const authority: StreamAuthority = {
  checkTokens: async (_, tokens) => ({
    kind: 'granted',
    grants: tokens.map((tokenId) => ({
      tokenId,
      integrationId: 'int_1',
      tenantId: 29_302,
      types: everyType,
      expiresAtMs: null,
    })),
  }),
  descendants: () => [],
  grantOf: () => undefined,
  onChanged: () => () => {},
}

/** Counting clients in a process of their own. */
class Clients {
  readonly #process: ChildProcess

  static async connect(order: ClientOrder): Promise<Clients> {
    const clients = new Clients(fork(new URL('stream-clients.ts', import.meta.url)))
    clients.#send({ kind: 'connect', order })
    await clients.#heard('ready')
    return clients
  }

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  /** Resolves when every connection has received so many bytes since it was ready. */
  async expect(bytes: number): Promise<void> {
    this.#send({ kind: 'expect', bytes })
    await this.#heard('received')
  }

  close(): void {
    this.#process.disconnect()
  }

  #send(message: ToClients): void {
    this.#process.send(message)
  }

  async #heard(kind: FromClients['kind']): Promise<void> {
    for (;;) {
      const [message] = (await once(this.#process, 'message')) as [FromClients]
      if (message.kind === kind) return
    }
  }
}

async function measured(deliveries: number, run: () => Promise<void>): Promise<StreamRate> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await run()
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { deliveriesPerSecond: deliveries / seconds, cpuSecondsPerMillion: (user + system) / deliveries }
}

/** Both servers hold back when a client has this much unread. */
const highWater = 256 * 1024

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function listen(): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

if (import.meta.main) {
  for (const [way, rate] of Object.entries(await measureStream())) {
    console.log(way.padEnd(9), typeof rate === 'number' ? rate.toFixed(1) : rate)
  }
}
