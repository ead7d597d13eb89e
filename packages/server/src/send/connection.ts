import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import { Dial, type DialPhase, type DialTarget } from './dial.ts'
import type { Guard } from './guard.ts'
import { unacknowledgedBytes } from './kernel-queue.ts'

export interface ConnectionEvents {
  /** The answer was read to its end: another request may follow. */
  released(connection: Connection): void
  /** Closed while nothing was under way, or discarded. */
  gone(connection: Connection): void
}

/** Bodies up to this size fit into any receiver's kernel before anybody reads them. */
const kernelWindowBytes = 64 * 1024

/** Longer than any answer to a delivery needs; keeps one flood of headers from filling memory. */
const maxHeaderBytes = 128 * 1024

/**
 * One HTTP/1.1 connection to one origin, one exchange at a time. undici parses and writes; dialling
 * is ours, so that no request leaves without the guard. undici dials again by itself when an idle
 * connection turns out closed before anything was written on it, and that dial is guarded as well.
 */
export class Connection {
  /** Origin and TLS material: connections with the same key serve the same requests. */
  readonly key: string
  readonly openedMs: number
  readonly #client: Client
  readonly #events: ConnectionEvents
  #dial: Dial | null = null
  #socket: Socket | null = null
  #socketError: Error | null = null
  #isBusy = false
  #isGone = false

  constructor(
    key: string,
    origin: string,
    target: DialTarget,
    guard: Guard,
    events: ConnectionEvents,
    idle: { readonly timeoutMs: number; readonly maxTimeoutMs: number },
  ) {
    this.key = key
    this.openedMs = performance.now()
    this.#events = events
    this.#client = new Client(origin, {
      connect: (_options, callback) => {
        this.#dial = new Dial(target, guard, (failure, socket) => {
          this.#dial = null
          this.#socket = socket
          this.#socketError = null
          socket?.once('error', (error) => {
            this.#socketError = error
          })
          if (socket === null) callback(failure!, null)
          else callback(null, socket)
        })
      },
      allowH2: false,
      useMilo: false,
      pipelining: 1,
      maxHeaderSize: maxHeaderBytes,
      // The exchange keeps the deadlines of all attempts with one timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idle.timeoutMs,
      keepAliveMaxTimeout: idle.maxTimeoutMs,
    })
    this.#client.on('disconnect', () => {
      this.#socket = null
      if (!this.#isBusy) this.discard()
    })
  }

  /** What the exchange waits for before the connection stands; null once it does. */
  get dialPhase(): DialPhase | null {
    return this.#dial?.phase ?? null
  }

  /**
   * The first error of the socket itself. A TLS alert that comes after the handshake (TLS 1.3: no client
   * certificate) is followed by the end of the connection, and undici reports that end.
   */
  get socketError(): Error | null {
    return this.#socketError
  }

  get isUsable(): boolean {
    return !this.#isGone && this.#socket !== null && !this.#socket.destroyed
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#isBusy = true
    this.#client.dispatch(options, handler)
  }

  /**
   * Whether the receiver has not taken the request. What Node has handed to the kernel looks sent,
   * and the kernel takes megabytes for a receiver that never reads, so for large bodies it is asked too.
   */
  hasUntakenBytes(bodyBytes: number, nowMs: number): boolean {
    const socket = this.#socket
    if (socket === null) return false
    if (socket.writableLength > 0) return true
    return bodyBytes > kernelWindowBytes && unacknowledgedBytes(socket, nowMs) > 0
  }

  release(): void {
    this.#isBusy = false
    // An answer that came before the request was out (R35): the rest of the request is still in the pipe.
    if (!this.isUsable || this.#socket!.writableLength > 0) this.discard()
    else this.#events.released(this)
  }

  discard(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#isBusy = false
    this.#dial?.cancel()
    this.#dial = null
    this.#client.destroy(null, () => {})
    this.#socket?.destroy()
    this.#events.gone(this)
  }
}
