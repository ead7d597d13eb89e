import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog } from '../log/event-log.ts'
import { type FollowedSlice, FollowLoop, type FollowLoopDeps, type NextStep } from '../log/follow-loop.ts'
import type { Listener } from './audience.ts'
import { type CatchUpRead, planRead } from './catch-up-read.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import { Outbox } from './outbox.ts'
import type { Renewals } from './renewals.ts'
import type { Semaphore } from './semaphore.ts'
import type { Tail } from './tail.ts'
import { emptyView, hasLost, isVisible, type View } from './view.ts'

export interface FollowerOptions {
  readonly log: EventLog
  readonly clock: Clock
  readonly partition: number
  readonly tail: Tail
  readonly gate: Semaphore
  readonly renewals: Pick<Renewals, 'renew'>
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
 *      more than the cap is buffered: all topics, at the position before what was not taken;
 *      its view shows less and something waits for the socket: back to the position before that
 */
export class Follower implements Listener {
  readonly #options: FollowerOptions
  readonly #behind = new Map<string, number>()
  #live: ReadonlySet<string> = new Set()
  #view: View = emptyView
  #isStarted = false
  #isStopped = false
  /** Reads for the topics that are behind; null while none is. */
  #loop: FollowLoop | null = null
  readonly #outbox: Outbox
  /** What is being read; null when it went back meanwhile, so that this is of no use. */
  #plan: CatchUpRead | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.sink)
  }

  /** How far it has read: the topic that is furthest behind counts. */
  get position(): number {
    return this.#behind.size > 0 ? Math.min(...this.#behind.values()) : this.#options.tail.position
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes
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
    const before = this.#view
    this.#view = view
    if (!this.#outbox.isEmpty && hasLost(view, before)) this.#goBack()
    if (this.#live.size > 0) this.#takeSeat(this.#live)
  }

  start(): void {
    this.#isStarted = true
    this.#catchUp()
  }

  stop(): void {
    this.#isStopped = true
    this.#loop?.stop()
    this.#options.tail.leave(this)
    this.#outbox.recall()
  }

  receive(bytes: Buffer, from: number): void {
    if (this.#outbox.bufferedBytes + bytes.length <= this.#options.maxBufferedBytes) {
      this.#outbox.put({ bytes, from, topics: this.#live })
      return
    }
    this.#leaveTail(() => from)
  }

  /** Takes back what waits for the socket, to judge it by the view as it is now. */
  #goBack(): void {
    this.#plan = null
    const places = this.#outbox.recall()
    const { position } = this.#options.tail
    if ([...places.keys()].some((topic) => this.#live.has(topic))) {
      this.#leaveTail((topic) => places.get(topic) ?? position)
    }
    for (const [topic, place] of places) if (this.#behind.has(topic)) this.#behind.set(topic, place)
  }

  #leaveTail(placeOf: (topic: string) => number): void {
    this.#options.tail.leave(this)
    for (const topic of this.#live) this.#behind.set(topic, placeOf(topic))
    this.#live = new Set()
    this.#catchUp()
  }

  #takeSeat(topics: ReadonlySet<string>): boolean {
    const { tail, encoding } = this.#options
    return tail.tryJoin(this, { encoding, view: this.#view, topics }, tail.position)
  }

  #catchUp(): void {
    if (!this.#isStarted || this.#loop) return
    const { log, clock, partition, gate, sink } = this.#options
    const gated: FollowLoopDeps['log'] = {
      read: (request) => gate.run(() => log.read(request)),
      bounds: (of) => log.bounds(of),
      onAppended: (wake) => log.onAppended(wake),
    }
    const course = { next: () => this.#next(), take: (slice: FollowedSlice) => this.#take(slice) }
    this.#loop = new FollowLoop({ log: gated, clock, partition, onFailure: null }, course)
    this.#readBehind(this.#loop).catch((error: unknown) => {
      if (!this.#isStopped) sink.fail(error)
    })
  }

  async #readBehind(loop: FollowLoop): Promise<void> {
    // The tail may be handing out right now: nobody joins it then.
    await new Promise<void>((resolve) => setImmediate(resolve))
    await loop.run()
  }

  #next(): NextStep {
    const { tail } = this.#options
    if (tail.isClosed) return { kind: 'end' }
    if (!this.#outbox.isEmpty) return { kind: 'hold', until: this.#outbox.emptied.wait() }
    this.#joinTail()
    if (this.#behind.size === 0) {
      this.#loop = null
      return { kind: 'end' }
    }
    const plan = planRead(this.#behind, tail.position)
    // Behind this very moment's end of the log, but the tail has yet to hand that out.
    if (!plan) return { kind: 'hold', until: tail.reached(Math.min(...this.#behind.values())) }
    this.#plan = plan
    return { kind: 'read', after: plan.after, topics: plan.topics, maxBytes: sliceBytes, maxEvents: sliceEvents }
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

  #take({ events, next }: FollowedSlice): void {
    const { tail, renewals, encoding, offsetOf } = this.#options
    renewals.renew()
    const plan = this.#plan
    if (this.#isStopped || !plan) return
    const { after, topics, upTo } = plan
    // Events that the tail has yet to hand out come from the tail.
    const end = Math.max(after, Math.min(next, upTo, tail.position))
    const frames: Buffer[] = []
    for (const event of events) {
      if (event.position > end) break
      const frame = isVisible(this.#view, event) ? encoding.encode(event, offsetOf(event)) : undefined
      if (frame) frames.push(frame)
    }
    for (const topic of topics) this.#behind.set(topic, end)
    if (frames.length > 0) this.#outbox.put({ bytes: Buffer.concat(frames), from: after, topics })
  }
}
