import type { Socket } from 'node:net'
import { Dial, type DialPhase, type DialTarget } from '../socket/dial.ts'
import type { Guard } from '../socket/guard.ts'
import { unacknowledgedBytes } from '../socket/kernel-queue.ts'

/** Whoever has the connection, for one request and its answer. */
export interface ConnectionUser {
  /** Bytes of the answer; they are written over once this returns. */
  received(bytes: Buffer): void
  /** It could not be opened, or it has ended; null: by an orderly close. It is of no more use. */
  closed(error: Error | null): void
}

export interface ConnectionEvents {
  /** The answer was read to its end: another request may follow. */
  released(connection: Connection): void
  /** Closed while nothing was under way, or discarded. */
  gone(connection: Connection): void
}

/** Bodies up to this size fit into any receiver's kernel before anybody reads them. */
const kernelWindowBytes = 64 * 1024

/** One guarded connection to one origin, opened by its first request, one exchange at a time. */
export class Connection {
  /** Origin and TLS material: connections with the same key serve the same requests. */
  readonly key: string
  /** When its dial began, as `performance.now()`. */
  readonly openedMs = performance.now()
  /** While it is idle: when it must not be used any more. */
  idleUntilMs = 0
  readonly #target: DialTarget
  readonly #guard: Guard
  readonly #events: ConnectionEvents
  #dial: Dial | null = null
  #dialTiming: Dial['timing'] | null = null
  /** When the last request was handed over, as `performance.now()`; 0: none was. */
  sentMs = 0
  #socket: Socket | null = null
  #user: ConnectionUser | null = null
  #exchanges = 0
  #isGone = false
  /** Apart from the request, which it would otherwise keep in memory for as long as the connection is open. */
  readonly #received = (bytes: Buffer): void => {
    // Bytes that nobody asked for would be taken for the next answer.
    if (this.#user === null) this.discard()
    else this.#user.received(bytes)
  }

  constructor(key: string, target: DialTarget, guard: Guard, events: ConnectionEvents) {
    this.key = key
    this.#target = target
    this.#guard = guard
    this.#events = events
  }

  /** What the exchange waits for before the connection stands; null once it does. */
  get dialPhase(): DialPhase | null {
    return this.#dial?.phase ?? null
  }

  /** How long it took to open it; null for a request that found it open. */
  get dialTiming(): Dial['timing'] | null {
    return this.isReused ? null : this.#dialTiming
  }

  /** It has served a request before this one: the receiver may have closed it as this one was written. */
  get isReused(): boolean {
    return this.#exchanges > 1
  }

  get isUsable(): boolean {
    return !this.#isGone && this.#socket !== null && !this.#socket.destroyed
  }

  /** Sends a request, in one write, over a connection that is opened if it is not yet. */
  exchange(request: Buffer, user: ConnectionUser): void {
    this.#user = user
    this.#exchanges += 1
    if (this.#socket !== null) {
      this.sentMs = performance.now()
      this.#socket.write(request)
      return
    }
    this.#dial = new Dial(
      this.#target,
      this.#guard,
      (failure, socket) => {
        this.#dial = null
        if (socket === null) this.#closed(failure)
        else this.#opened(socket, request)
      },
      this.#received,
    )
    this.#dialTiming = this.#dial.timing
  }

  /**
   * Whether the receiver has not taken the request. What Node has handed to the kernel looks sent,
   * and the kernel takes megabytes for a receiver that never reads, so for large requests it is asked too.
   */
  hasUntakenBytes(requestBytes: number, nowMs: number): boolean {
    const socket = this.#socket
    if (socket === null) return false
    if (socket.writableLength > 0) return true
    return requestBytes > kernelWindowBytes && unacknowledgedBytes(socket, nowMs) > 0
  }

  /** Kept for the next request, for as long as `idleMs`. */
  release(idleMs: number): void {
    // An answer that came before the request was out (R35): the rest of the request is still in the pipe.
    if (!this.isUsable || this.#socket!.writableLength > 0 || idleMs <= 0) {
      this.discard()
      return
    }
    this.#user = null
    this.idleUntilMs = performance.now() + idleMs
    this.#events.released(this)
  }

  discard(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#user = null
    this.#dial?.cancel()
    this.#dial = null
    this.#socket?.destroy()
    this.#events.gone(this)
  }

  #opened(socket: Socket, request: Buffer): void {
    this.#socket = socket
    // The first of these tells: an alert of TLS 1.3 (no client certificate) comes as an error before the end.
    socket.on('error', (error) => this.#closed(error))
    socket.on('end', () => this.#closed(null))
    socket.on('close', () => this.#closed(null))
    this.sentMs = performance.now()
    socket.write(request)
  }

  #closed(error: Error | null): void {
    const user = this.#user
    this.discard()
    user?.closed(error)
  }
}
