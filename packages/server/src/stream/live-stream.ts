import type { StoredEvent } from '../core/event/event.ts'
import { onlyPartition } from '../core/event/partition.ts'
import { type OffsetEncoder, offsetEncoder } from '../core/ids/offset.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog, LogBounds } from '../log/event-log.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import { Follower } from './follower.ts'
import { Renewals } from './renewals.ts'
import { Semaphore } from './semaphore.ts'
import { Tail } from './tail.ts'
import { emptyView, type View } from './view.ts'

export interface LiveStreamOptions {
  readonly log: EventLog
  readonly clock: Clock
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
 * The log as something to follow, live and from any position: one tail for all connections, and a
 * follower for each connection.
 */
export class LiveStream {
  /** Views of its connections that are out of date: they are renewed before anything is shown. */
  readonly renewals: Renewals
  readonly #options: LiveStreamOptions
  readonly #encoders = new Map<string, OffsetEncoder>()
  readonly #gate = new Semaphore(catchUpReads)
  #opened: Tail | undefined

  constructor(options: LiveStreamOptions) {
    this.#options = options
    this.renewals = new Renewals(options.clock)
  }

  /** See `EventLog.refresh`: whoever is placed after it is placed after everything that was acknowledged before. */
  refresh(): Promise<void> {
    return this.#options.log.refresh()
  }

  bounds(): LogBounds {
    return this.#options.log.bounds(onlyPartition)
  }

  follow(sink: StreamSink, encoding: StreamEncoding): Following {
    const { log, clock, maxBufferedBytes = 512 * 1024 } = this.#options
    const { offsetOf, renewals } = this
    const gate = this.#gate
    const shared = { log, clock, partition: onlyPartition, gate, renewals, offsetOf, encoding, sink, maxBufferedBytes }
    return new Following(() => new Follower({ ...shared, tail: this.#tail() }))
  }

  /** Events times connections handed out live since the start, and connections at the tail. */
  stats(): { readonly deliveries: number; readonly listeners: number } {
    return { deliveries: this.#opened?.deliveries ?? 0, listeners: this.#opened?.listeners ?? 0 }
  }

  close(): void {
    this.#opened?.close()
    this.renewals.close()
  }

  #tail(): Tail {
    const { log, clock, gatherMs = 5, nearEvents = 1_000, onError = () => {} } = this.#options
    const { offsetOf, renewals } = this
    const limits = { gatherMs, nearEvents }
    this.#opened ??= new Tail({ log, clock, partition: onlyPartition, ...limits, renewals, offsetOf, onError })
    return this.#opened
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

/** One connection's way through the log: it takes no part before it follows a topic. */
export class Following {
  readonly #make: () => Follower
  #follower: Follower | undefined
  #view: View = emptyView
  #isStarted = false

  constructor(make: () => Follower) {
    this.#make = make
  }

  /** Shows `topic` from after `position` on (exclusive). A topic that is followed already stays where it is. */
  add(topic: string, position: number): void {
    if (!this.#follower) {
      this.#follower = this.#make()
      this.#follower.show(this.#view)
      if (this.#isStarted) this.#follower.start()
    }
    this.#follower.add(topic, position)
  }

  /** How far it has read; null: it follows no topic yet. */
  get position(): number | null {
    return this.#follower?.position ?? null
  }

  /** Taken for the connection, and not yet with the operating system. */
  get bufferedBytes(): number {
    return this.#follower?.bufferedBytes ?? 0
  }

  /** Changes what is shown, from the place on that each topic has reached. */
  show(view: View): void {
    this.#view = view
    this.#follower?.show(view)
  }

  /** Nothing is shown before this. */
  start(): void {
    this.#isStarted = true
    this.#follower?.start()
  }

  /** Resolves when what is durable now has been handed to the topics that are live. */
  async settled(): Promise<void> {
    await this.#follower?.settled()
  }

  stop(): void {
    this.#follower?.stop()
  }
}
