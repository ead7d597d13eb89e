import type { StoredEvent } from '../core/event.ts'
import { Signal } from '../core/signal.ts'
import type { EventLog } from '../log/event-log.ts'
import type { Listener } from './audience.ts'
import { planRead } from './catch-up.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import type { Gate } from './gate.ts'
import type { Tail } from './tail.ts'
import { emptyView, isVisible, type View } from './view.ts'

export interface FollowerOptions {
  readonly log: EventLog
  readonly partition: number
  readonly tail: Tail
  readonly gate: Gate
  readonly offsetOf: (event: StoredEvent) => string
  readonly encoding: StreamEncoding
  readonly sink: StreamSink
  /** Above this a connection leaves the tail. */
  readonly maxBufferedBytes: number
}

/** Small, so that what is held for a connection (one slice as text and as frames) stays under its cap. */
const sliceBytes = 128 * 1024
const sliceEvents = 1_000

/**
 * One connection's way through one partition. Each topic is live (it takes part in the tail) or
 * behind (it is read from the log, at the pace at which the connection takes it):
 *
 *            add, at a position
 *                  │
 *                  ▼     reached the tail's position
 *   ┌────────▶  behind ───────────────────────────────▶ live
 *   │                                                    │
 *   └────────────────────────────────────────────────────┘
 *      more than the cap is buffered: all topics, at the position before what was not taken
 */
export class Follower implements Listener {
  readonly #options: FollowerOptions
  readonly #behind = new Map<string, number>()
  #live: ReadonlySet<string> = new Set()
  #view: View = emptyView
  #isStarted = false
  #isStopped = false
  #isReading = false
  #isBlocked = false
  readonly #drained = new Signal()

  constructor(options: FollowerOptions) {
    this.#options = options
    options.sink.onDrain(() => {
      this.#isBlocked = false
      this.#drained.wake()
    })
  }

  /** Resolves when what is durable now has been handed to the live topics. */
  async settled(): Promise<void> {
    const { log, partition, tail } = this.#options
    if (this.#live.size > 0) await tail.reached(log.bounds(partition).latest)
  }

  /** Shows `topic` from after `position` on. A topic that is followed already stays where it is. */
  add(topic: string, position: number): void {
    if (this.#live.has(topic) || this.#behind.has(topic)) return
    this.#behind.set(topic, position)
    this.#catchUp()
  }

  /** Changes what is shown, from the place on that each topic has reached. */
  show(view: View): void {
    this.#view = view
    if (this.#live.size > 0) this.#takeSeat(this.#live)
  }

  start(): void {
    this.#isStarted = true
    this.#catchUp()
  }

  stop(): void {
    this.#isStopped = true
    this.#options.tail.leave(this)
    this.#drained.wake()
  }

  receive(bytes: Buffer, from: number): void {
    const { sink, tail, maxBufferedBytes } = this.#options
    if (sink.bufferedBytes + bytes.length <= maxBufferedBytes) {
      this.#write(bytes)
      return
    }
    tail.leave(this)
    for (const topic of this.#live) this.#behind.set(topic, from)
    this.#live = new Set()
    this.#catchUp()
  }

  #write(bytes: Buffer): void {
    if (!this.#options.sink.write(bytes)) this.#isBlocked = true
  }

  #takeSeat(topics: ReadonlySet<string>): boolean {
    const { tail, encoding } = this.#options
    return tail.tryJoin(this, { encoding, view: this.#view, topics }, tail.position)
  }

  #catchUp(): void {
    if (!this.#isStarted || this.#isReading) return
    this.#isReading = true
    this.#readBehind().catch((error: unknown) => {
      if (!this.#isStopped) this.#options.sink.fail(error)
    })
  }

  async #readBehind(): Promise<void> {
    const { tail } = this.#options
    for (;;) {
      // A turn of the event loop for each slice, so that a long replay leaves room for everybody else.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (this.#isBlocked && !this.#isStopped) await this.#drained.wait()
      if (this.#isStopped || tail.isClosed) return
      if (this.#isBlocked) continue
      this.#joinTail()
      if (this.#behind.size === 0) {
        this.#isReading = false
        return
      }
      const isAhead = !(await this.#readSlice())
      // Behind this very moment's end of the log, but the tail has yet to hand that out.
      if (isAhead) await tail.reached(Math.min(...this.#behind.values()))
    }
  }

  #joinTail(): void {
    const { tail, encoding } = this.#options
    for (const [topic, position] of this.#behind) {
      const topics = new Set([...this.#live, topic])
      if (!tail.tryJoin(this, { encoding, view: this.#view, topics }, position)) continue
      this.#behind.delete(topic)
      this.#live = topics
    }
  }

  /** False when no topic stands before the tail. */
  async #readSlice(): Promise<boolean> {
    const { log, partition, tail, gate, encoding, offsetOf } = this.#options
    const plan = planRead(this.#behind, tail.position)
    if (!plan) return false
    const { after, topics } = plan
    const slice = await gate.run(() =>
      log.read({ partition, after, topics, maxBytes: sliceBytes, maxEvents: sliceEvents }),
    )
    if (this.#isStopped) return true
    // Events that the tail has yet to hand out come from the tail.
    const end = Math.max(after, Math.min(slice.next, plan.upTo, tail.position))
    const frames: Buffer[] = []
    for (const event of slice.events) {
      if (event.position > end) break
      const frame = isVisible(this.#view, event) ? encoding.encode(event, offsetOf(event)) : undefined
      if (frame) frames.push(frame)
    }
    for (const topic of topics) this.#behind.set(topic, end)
    if (frames.length > 0) this.#write(Buffer.concat(frames))
    return true
  }
}
