import type { StoredEvent } from '../core/event/event.ts'
import { type OffsetEncoder, offsetEncoder } from '../core/ids/offset.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog, LogBounds } from '../log/event-log.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import { Follower } from './follower.ts'
import { Gate } from './gate.ts'
import { Renewals } from './renewals.ts'
import { Tail } from './tail.ts'
import { emptyView, type View } from './view.ts'

export interface LiveStreamOptions {
  readonly log: EventLog
  readonly clock: Clock
  /** Which partition holds a topic; by default the log's first holds all. */
  readonly partitionOf?: (topic: string) => number
  /** Default 5 ms. */
  readonly gatherMs?: number
  /** Buffered for a connection before it leaves the live tail; default 512 KiB, half of what may be held for it. */
  readonly maxBufferedBytes?: number
  /** How far from the end the first connection joins a tail that nobody listens to; default 1,000 events. */
  readonly nearEvents?: number
  /** The log could not be read; it is tried again. */
  readonly onError?: (error: unknown) => void
}

/** Reads of the log for connections that are behind, at once: they leave room for the tail's own. */
const catchUpReads = 4

/**
 * The log as something to follow, live and from any position: one tail per partition for all
 * connections, and a follower per connection and partition.
 */
export class LiveStream {
  /** Views of its connections that are out of date: they are renewed before anything is shown. */
  readonly renewals: Renewals
  readonly #options: LiveStreamOptions
  readonly #tails = new Map<number, Tail>()
  readonly #encoders = new Map<string, OffsetEncoder>()
  readonly #gate = new Gate(catchUpReads)

  constructor(options: LiveStreamOptions) {
    this.#options = options
    this.renewals = new Renewals(options.clock)
  }

  /** See `EventLog.refresh`: whoever is placed after it is placed after everything that was acknowledged before. */
  refresh(): Promise<void> {
    return this.#options.log.refresh()
  }

  bounds(topic: string): LogBounds {
    return this.#options.log.bounds(this.partitionOf(topic))
  }

  partitionOf(topic: string): number {
    return this.#options.partitionOf?.(topic) ?? this.#options.log.partitions[0] ?? 0
  }

  follow(sink: StreamSink, encoding: StreamEncoding): Following {
    return new Following((topic) => {
      const partition = this.partitionOf(topic)
      return [partition, () => this.#follower(partition, sink, encoding)]
    })
  }

  /** Events times connections handed out live since the start, and connections at the tails. */
  stats(): { readonly deliveries: number; readonly listeners: number } {
    const tails = [...this.#tails.values()]
    return {
      deliveries: tails.reduce((sum, tail) => sum + tail.deliveries, 0),
      listeners: tails.reduce((sum, tail) => sum + tail.listeners, 0),
    }
  }

  close(): void {
    for (const tail of this.#tails.values()) tail.close()
    this.renewals.close()
  }

  #follower(partition: number, sink: StreamSink, encoding: StreamEncoding): Follower {
    const { log, maxBufferedBytes = 512 * 1024 } = this.#options
    const { offsetOf, renewals } = this
    const tail = this.#tail(partition)
    return new Follower({
      log,
      partition,
      tail,
      gate: this.#gate,
      renewals,
      offsetOf,
      encoding,
      sink,
      maxBufferedBytes,
    })
  }

  #tail(partition: number): Tail {
    let tail = this.#tails.get(partition)
    if (!tail) {
      const { log, clock, gatherMs = 5, nearEvents = 1_000, onError = () => {} } = this.#options
      tail = new Tail({
        log,
        clock,
        partition,
        gatherMs,
        nearEvents,
        renewals: this.renewals,
        offsetOf: this.offsetOf,
        onError,
      })
      this.#tails.set(partition, tail)
    }
    return tail
  }

  readonly offsetOf = (event: Pick<StoredEvent, 'topic' | 'position'>): string => {
    let encoder = this.#encoders.get(event.topic)
    if (!encoder) {
      encoder = offsetEncoder(this.#options.log.epoch, event.topic)
      this.#encoders.set(event.topic, encoder)
    }
    return encoder.encode(event.position)
  }
}

/** One connection's way through the log, over all partitions. */
export class Following {
  readonly #followers = new Map<number, Follower>()
  readonly #find: (topic: string) => readonly [partition: number, make: () => Follower]
  #view: View = emptyView
  #isStarted = false

  constructor(find: (topic: string) => readonly [partition: number, make: () => Follower]) {
    this.#find = find
  }

  /** Shows `topic` from after `position` on (exclusive). A topic that is followed already stays where it is. */
  add(topic: string, position: number): void {
    const [partition, make] = this.#find(topic)
    let follower = this.#followers.get(partition)
    if (!follower) {
      follower = make()
      follower.show(this.#view)
      if (this.#isStarted) follower.start()
      this.#followers.set(partition, follower)
    }
    follower.add(topic, position)
  }

  /** Changes what is shown, from the place on that each topic has reached. */
  show(view: View): void {
    this.#view = view
    for (const follower of this.#followers.values()) follower.show(view)
  }

  /** Nothing is shown before this. */
  start(): void {
    this.#isStarted = true
    for (const follower of this.#followers.values()) follower.start()
  }

  /** Resolves when what is durable now has been handed to the topics that are live. */
  async settled(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.settled()))
  }

  stop(): void {
    for (const follower of this.#followers.values()) follower.stop()
  }
}
