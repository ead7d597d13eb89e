import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import { Queue } from '../core/collection/queue.ts'
import { Signal } from '../core/collection/signal.ts'
import { type BucketRate, fullBucket, type TokenBucket, takeToken } from '../core/limit/token-bucket.ts'
import type { Clock } from '../core/time/clock.ts'
import { examine, type HealthLimits, isControlFlood } from './connection-health.ts'
import type { StreamSink } from './encoding.ts'
import { FrameMeter } from './frame-meter.ts'

export interface ConnectionLimits extends HealthLimits {
  /** Messages carried out, each 16 KiB of one counting once; those that come faster wait, and the socket is not read meanwhile. */
  readonly messages: BucketRate
  readonly controlFramesPerSecond: number
}

/** What a session may do with its connection. */
export interface WebSocketPeer {
  readonly sink: StreamSink
  send(text: string): void
  close(code: number, reason: string): void
}

/** A dialect's half of a connection. */
export interface WebSocketSession {
  /** The next message comes when this one's promise has resolved. `null`: it was a binary one. */
  receive(text: string | null): Promise<void>
  /** Nothing may be sent any more. */
  end(code: number): void
  readonly hasSucceeded: boolean
}

const paceBytes = 16 * 1024

/**
 * One WebSocket: hands its messages to a session one at a time and in order, and holds it to the
 * limits. Events go to the raw socket, because their frames are ready and shared.
 */
export class WebSocketConnection implements WebSocketPeer {
  readonly #ws: WebSocket
  readonly #socket: Duplex
  readonly #clock: Clock
  readonly #limits: ConnectionLimits
  readonly #session: WebSocketSession
  readonly #meter = new FrameMeter()
  readonly #inbox = new Queue<string | null>()
  readonly #controlsAtMs: number[] = []
  readonly #openedAtMs: number
  readonly #bucket: TokenBucket
  readonly #drained = new Signal()
  readonly sink: StreamSink
  #pingedAtMs: number
  #unansweredPings = 0
  #isWorking = false
  #isWaitingForPeer = false

  constructor(options: {
    readonly ws: WebSocket
    readonly socket: Duplex
    readonly clock: Clock
    readonly limits: ConnectionLimits
    readonly open: (peer: WebSocketPeer) => WebSocketSession
    readonly onError: (error: unknown) => void
    readonly onClosed: () => void
  }) {
    const { ws, socket, clock, limits } = options
    this.#ws = ws
    this.#socket = socket
    this.#clock = clock
    this.#limits = limits
    this.#openedAtMs = clock.now()
    this.#bucket = fullBucket(limits.messages, this.#openedAtMs)
    this.#pingedAtMs = this.#openedAtMs
    this.sink = socketSink(ws, socket, (error) => {
      options.onError(error)
      this.close(1011, 'The log cannot be read. Resume from the last offsets.')
    })
    socket.on('drain', this.#drained.wake)
    this.#session = options.open(this)
    // After the receiver, which sees the same bytes first.
    socket.on('data', (chunk: Buffer) => this.#meter.read(chunk, clock.now()))
    ws.on('message', (data, isBinary) => this.#take(isBinary ? null : textOf(data), options.onError))
    ws.on('ping', (data) => {
      if (this.#isFlooded()) return
      if (ws.readyState === WebSocket.OPEN) ws.pong(data)
    })
    ws.on('pong', () => {
      this.#unansweredPings = 0
      this.#isFlooded()
    })
    // What breaks the protocol is answered by the receiver with its close code; the end comes as `close`.
    ws.on('error', () => {})
    ws.on('close', (code) => {
      this.#session.end(code)
      this.#drained.wake()
      options.onClosed()
    })
  }

  send(text: string): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(text)
  }

  close(code: number, reason: string): void {
    this.#session.end(code)
    // Its answer to the close frame has to be read.
    if (this.#ws.isPaused) this.#ws.resume()
    this.#ws.close(code, reason)
  }

  /** Without a word, for a peer that does not answer. */
  terminate(): void {
    this.#ws.terminate()
  }

  tick(nowMs: number): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const verdict = examine(
      {
        openedAtMs: this.#openedAtMs,
        hasSucceeded: this.#session.hasSucceeded,
        messageStartedAtMs: this.#meter.startedAtMs,
        pingedAtMs: this.#pingedAtMs,
        unansweredPings: this.#unansweredPings,
        isPaused: this.#ws.isPaused && !this.#isWaitingForPeer,
      },
      this.#limits,
      nowMs,
    )
    switch (verdict.kind) {
      case 'well':
        break
      case 'ping':
        this.#pingedAtMs = nowMs
        this.#unansweredPings += 1
        this.#ws.ping()
        break
      case 'close':
        this.close(verdict.code, verdict.reason)
        return
      default:
        verdict satisfies never
    }
  }

  #isFlooded(): boolean {
    if (!isControlFlood(this.#controlsAtMs, this.#limits.controlFramesPerSecond, this.#clock.now())) return false
    if (this.#ws.readyState === WebSocket.OPEN) this.close(1008, 'Too many control frames.')
    return true
  }

  #take(message: string | null, onError: (error: unknown) => void): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    this.#inbox.push(message)
    if (this.#isWorking) {
      // The rest of the current chunk is still handled; nothing is read after it.
      this.#ws.pause()
      return
    }
    this.#isWorking = true
    this.#work().catch((error: unknown) => {
      onError(error)
      this.close(1011, 'An internal error. Resume from the last offsets.')
    })
  }

  async #work(): Promise<void> {
    for (;;) {
      const message = this.#inbox.shift()
      if (message === undefined) break
      await this.#pace(message)
      await this.#drain()
      if (this.#ws.readyState !== WebSocket.OPEN) break
      await this.#session.receive(message)
    }
    this.#isWorking = false
    if (this.#ws.isPaused) {
      this.#meter.restart(this.#clock.now())
      this.#ws.resume()
    }
  }

  async #pace(message: string | null): Promise<void> {
    // A long message costs as much work as many short ones, so it counts as many.
    for (let left = Math.max(1, (message?.length ?? 0) / paceBytes); left > 0; left--) {
      for (;;) {
        const waitMs = takeToken(this.#bucket, this.#limits.messages, this.#clock.now())
        if (waitMs === 0) break
        this.#ws.pause()
        await new Promise<void>((resolve) => this.#clock.schedule(waitMs, resolve))
      }
    }
  }

  /** A client that does not read its replies gets no more of them made. */
  async #drain(): Promise<void> {
    this.#isWaitingForPeer = true
    while (this.#socket.writableNeedDrain && this.#ws.readyState === WebSocket.OPEN) await this.#drained.wait()
    this.#isWaitingForPeer = false
  }
}

function socketSink(ws: WebSocket, socket: Duplex, fail: (error: unknown) => void): StreamSink {
  return {
    write(pieces, taken) {
      if (ws.readyState !== WebSocket.OPEN) return
      const last = pieces.length - 1
      // Gathered by the operating system: they are shared with other connections, and copying them costs more.
      if (last > 0) socket.cork()
      for (let index = 0; index < last; index++) socket.write(pieces[index])
      socket.write(pieces[last], taken)
      if (last > 0) socket.uncork()
    },
    get bufferedBytes() {
      return socket.writableLength
    },
    fail,
  }
}

function textOf(data: RawData): string {
  // The receiver gives one buffer, and has checked that it is UTF-8.
  return (data as Buffer).toString('utf8')
}
