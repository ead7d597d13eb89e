import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import { networkOf } from '../core/address/client-address.ts'
import type { Clock } from '../core/time/clock.ts'
import { Admission, type AdmissionLimits } from './admission.ts'
import { isSoundExtensionOffer } from './handshake.ts'
import type { OpenStreams } from './open-streams.ts'
import {
  type ConnectionLimits,
  WebSocketConnection,
  type WebSocketPeer,
  type WebSocketSession,
} from './websocket-connection.ts'

export interface WebSocketLimits extends ConnectionLimits, AdmissionLimits {
  readonly messageBytes: number
  readonly fragments: number
}

export const defaultLimits: WebSocketLimits = {
  handshakesPerAddress: { ratePerSecond: 100, burst: 400 },
  handshakes: { ratePerSecond: 1_000, burst: 2_000 },
  messageBytes: 1024 * 1024,
  fragments: 64,
  firstCommandMs: 30_000,
  wholeMessageMs: 10_000,
  pingMs: 30_000,
  missedPings: 2,
  messages: { ratePerSecond: 100, burst: 200 },
  controlFramesPerSecond: 10,
}

export interface WebSocketStreamOptions {
  readonly path: string
  readonly clock: Clock
  readonly limits: WebSocketLimits
  /** In which these connections count beside other streams. */
  readonly streams: OpenStreams
  /** `address`: the client's, as connections are counted. */
  readonly open: (peer: WebSocketPeer, address: string) => WebSocketSession
  /** The client's address; by default the socket's. A trusted proxy's header is for the caller to judge. */
  readonly addressOf?: ((request: IncomingMessage) => string) | undefined
  readonly onError: (error: unknown) => void
}

const sweepMs = 1_000
const sweepTogether = 50
// A message of the full size arrives in well under this many pieces; drips of bytes cost more than they hold.
const maxChunks = 4_096
const closeTimeoutMs = 5_000

/** Serves WebSocket connections on one exact path of an HTTP server; upgrades of other paths end with 404. */
export class WebSocketStream {
  readonly #options: WebSocketStreamOptions
  readonly #admission: Admission
  readonly #wss: WebSocketServer
  readonly #connections = new Set<WebSocketConnection>()
  readonly #server: Server
  #cancelSweep: () => void
  #isDraining = false
  #emptied: (() => void) | undefined

  constructor(server: Server, options: WebSocketStreamOptions) {
    const { limits } = options
    this.#options = options
    this.#server = server
    this.#admission = new Admission(limits, options.streams)
    const settings: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      // Compression would make each connection's bytes its own, and bombs possible.
      perMessageDeflate: false,
      handleProtocols: () => false,
      autoPong: false,
      maxPayload: limits.messageBytes,
      maxFragments: limits.fragments,
      maxBufferedChunks: maxChunks,
      closeTimeout: closeTimeoutMs,
    }
    this.#wss = new WebSocketServer(settings)
    server.on('upgrade', this.#onUpgrade)
    this.#cancelSweep = options.clock.schedule(sweepMs, this.#sweep)
  }

  get connections(): number {
    return this.#connections.size
  }

  /**
   * Closes all connections with 1012 (their clients resume from their last offsets) and refuses new
   * ones with 503. Resolves when all are gone; after `graceMs` those that do not answer are cut off.
   */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true
    for (const connection of this.#connections) connection.close(1012, 'The server restarts. Connect again.')
    if (this.#connections.size > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#emptied = resolve
      })
      const cancel = this.#options.clock.schedule(graceMs, () => {
        for (const connection of this.#connections) connection.terminate()
      })
      await emptied
      cancel()
    }
    this.#cancelSweep()
    this.#server.off('upgrade', this.#onUpgrade)
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until the handshake is over nobody else listens, and an unheard error would end the process.
    socket.on('error', () => {})
    const address = networkOf(this.#options.addressOf?.(request) ?? request.socket.remoteAddress ?? '')
    const refusal = this.#refusalOf(request, address)
    if (refusal) refuse(socket, refusal)
    else this.#accept(request, socket, head, address)
  }

  #refusalOf(request: IncomingMessage, address: string): UpgradeRefusal | undefined {
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== this.#options.path) return { status: 404, reason: 'There is no such stream.' }
    if (this.#isDraining) return { status: 503, reason: 'The server restarts.', retryAfterSeconds: 5 }
    const extensions = request.headers['sec-websocket-extensions']
    if (extensions !== undefined && !isSoundExtensionOffer(extensions)) {
      return { status: 400, reason: 'The header Sec-WebSocket-Extensions is faulty.' }
    }
    const admitted = this.#admission.enter(address, this.#options.clock.now())
    return admitted.kind === 'refused' ? { status: 429, ...admitted } : undefined
  }

  #accept(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    const { clock, limits, streams, onError } = this.#options
    let isOpen = false
    this.#wss.handleUpgrade(request, socket, head, (ws) => {
      isOpen = true
      const connection = new WebSocketConnection({
        ws,
        socket,
        clock,
        limits,
        onError,
        open: (peer) => this.#options.open(peer, address),
        onClosed: () => {
          this.#connections.delete(connection)
          streams.leave(address)
          if (this.#connections.size === 0) this.#emptied?.()
        },
      })
      this.#connections.add(connection)
    })
    // A faulty handshake was answered by now, with 400 or 405.
    if (!isOpen) streams.leave(address)
  }

  readonly #sweep = (): void => {
    void this.#sweepAll().then(() => {
      if (!this.#isDraining) this.#cancelSweep = this.#options.clock.schedule(sweepMs, this.#sweep)
    })
  }

  async #sweepAll(): Promise<void> {
    this.#admission.sweep(this.#options.clock.now())
    let count = 0
    for (const connection of [...this.#connections]) {
      count += 1
      // Some turns of the event loop in between, so that thousands of connections stall nobody.
      if (count % sweepTogether === 0) await new Promise<void>((resolve) => setImmediate(resolve))
      try {
        connection.tick(this.#options.clock.now())
      } catch (error) {
        this.#options.onError(error)
        connection.close(1011, 'An internal error. Resume from the last offsets.')
      }
    }
  }
}

interface UpgradeRefusal {
  readonly status: 400 | 404 | 429 | 503
  readonly reason: string
  readonly retryAfterSeconds?: number
}

const statusTexts: Readonly<Record<UpgradeRefusal['status'], string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function refuse(socket: Duplex, { status, reason, retryAfterSeconds }: UpgradeRefusal): void {
  const retry = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nDate: ${new Date().toUTCString()}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `${retry}Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  )
}
