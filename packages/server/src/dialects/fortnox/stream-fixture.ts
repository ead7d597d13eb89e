import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { type Clock, ManualClock, systemClock } from '../../core/clock.ts'
import type { NewEvent } from '../../core/event.ts'
import { offsetEncoder } from '../../core/offset.ts'
import { Queue } from '../../core/queue.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import type { EventLog } from '../../log/event-log.ts'
import type { StreamAuthority, TokenCheck, TokenGrant } from '../../stream/authority.ts'
import { LiveStream } from '../../stream/live-stream.ts'
import { everyType } from '../../stream/view.ts'
import type { ConnectionSummary } from './connection.ts'
import { attachFortnoxStream, type FortnoxLimits, type FortnoxStream } from './routes.ts'

/** Tokens, tenants and their tree, to be changed by hand. The client secret is `secret`. */
export class TestAuthority implements StreamAuthority {
  readonly tokens = new Map<string, TokenGrant>()
  readonly children = new Map<number, number[]>()
  /** Set: a check waits for it. */
  gate: Promise<void> | undefined
  readonly #wakes = new Set<() => void>()
  #onChecked: () => void = () => {}

  grant(token: string, tenantId: number, more: Partial<TokenGrant> = {}): void {
    const tokenId = `tok_${token}`
    this.tokens.set(token, { tokenId, integrationId: 'int_1', tenantId, types: everyType, expiresAtMs: null, ...more })
  }

  revoke(token: string): void {
    this.tokens.delete(token)
    this.change()
  }

  setChildren(tenantId: number, children: number[]): void {
    this.children.set(tenantId, children)
    this.change()
  }

  change(): void {
    for (const wake of this.#wakes) wake()
  }

  /** Resolves when tokens have been checked again. */
  nextCheck(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChecked = resolve
    })
  }

  async checkTokens(clientSecret: string, tokens: readonly string[], nowMs: number): Promise<TokenCheck> {
    await this.gate
    this.#onChecked()
    const isGood = (token: string) => {
      const grant = this.tokens.get(token)
      return clientSecret === 'secret' && grant !== undefined && (grant.expiresAtMs ?? nowMs + 1) > nowMs
    }
    const invalidTokens = new Set(tokens.filter((token) => !isGood(token)))
    if (invalidTokens.size > 0) return { kind: 'refused', invalidTokens }
    return { kind: 'granted', grants: tokens.map((token) => this.tokens.get(token)!) }
  }

  descendants(tenantId: number): number[] {
    const children = this.children.get(tenantId) ?? []
    return children.flatMap((child) => [child, ...this.descendants(child)])
  }

  isLive(tokenId: string): boolean {
    return [...this.tokens.values()].some((grant) => grant.tokenId === tokenId)
  }

  onChanged(wake: () => void): () => void {
    this.#wakes.add(wake)
    return () => this.#wakes.delete(wake)
  }
}

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

/** An unmodified `ws` client that reads message by message. */
export class TestClient {
  readonly ws: WebSocket
  readonly #messages = new Queue<string>()
  readonly closed: Promise<{ code: number; reason: string }>
  #isClosed = false
  #wake: () => void = () => {}

  static async open(port: number): Promise<TestClient> {
    const client = new TestClient(port)
    await once(client.ws, 'open')
    return client
  }

  constructor(port: number) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/topics-v1`)
    this.ws.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('The server sent a binary message.')
      this.#messages.push(data.toString())
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        this.#isClosed = true
        this.#wake()
        resolve({ code, reason: reason.toString() })
      })
    })
    this.ws.on('error', () => {})
  }

  send(command: unknown): void {
    this.ws.send(typeof command === 'string' || Buffer.isBuffer(command) ? command : JSON.stringify(command))
  }

  /** The next message as it came. */
  async text(): Promise<string> {
    for (;;) {
      const text = this.#messages.shift()
      if (text !== undefined) return text
      if (this.#isClosed) throw new Error('The connection is closed.')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  async next(): Promise<any> {
    return JSON.parse(await this.text())
  }

  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  async ask(command: unknown): Promise<any> {
    this.send(command)
    return this.next()
  }

  get unread(): readonly string[] {
    return [...this.#messages]
  }
}

export const addTenants = (...accessTokens: string[]) => ({
  command: 'add-tenants-v1',
  clientSecret: 'secret',
  accessTokens,
})
export const addTopics = (...topics: (string | { topic: string; offset: string })[]) => ({
  command: 'add-topics-v1',
  topics: topics.map((topic) => (typeof topic === 'string' ? { topic } : topic)),
})
export const subscribe = { command: 'subscribe-v1' }

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

/** A bare TCP connection, for what no client library would send. */
export class RawClient {
  readonly socket: Socket
  received = Buffer.alloc(0)
  readonly ended: Promise<void>
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#wake()
    })
    socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#wake()
        resolve()
      })
    })
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  static async upgrade(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port)
    client.socket.write(upgradeRequest())
    await client.until(() => client.received.includes('\r\n\r\n'))
    client.received = client.received.subarray(client.received.indexOf('\r\n\r\n') + 4)
    return client
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone() && !this.socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The code with which the server closes; undefined when it only hangs up. */
  async closeCode(): Promise<number | undefined> {
    await this.until(() => closeCodeIn(this.received) !== undefined)
    this.socket.destroy()
    return closeCodeIn(this.received)
  }
}

/** Walks through a server's frames up to the close frame. */
function closeCodeIn(bytes: Buffer): number | undefined {
  let at = 0
  while (at + 4 <= bytes.length) {
    if (bytes[at] === 0x88) return bytes.readUInt16BE(at + 2)
    const short = bytes[at + 1]!
    at +=
      short === 127
        ? 10 + Number(bytes.readBigUInt64BE(at + 2))
        : short === 126
          ? 4 + bytes.readUInt16BE(at + 2)
          : 2 + short
  }
  return undefined
}

export function upgradeRequest(
  options: { method?: string; path?: string; key?: string | null; headers?: readonly string[] } = {},
): string {
  const { method = 'GET', path = '/topics-v1', key = 'dGhlIHNhbXBsZSBub25jZQ==', headers = [] } = options
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    ...(key === null ? [] : [`Sec-WebSocket-Key: ${key}`]),
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** A client's frame, masked with zeros. */
export function frame(first: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload)
  const header =
    bytes.length < 126
      ? Buffer.from([first, 0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([first, 0x80 | 126, bytes.length >> 8, bytes.length & 255])
        : Buffer.concat([Buffer.from([first, 0x80 | 127, 0, 0, 0, 0]), uint32(bytes.length)])
  return Buffer.concat([header, Buffer.alloc(4), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
