import { Signal } from '../core/collection/signal.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { EventLog } from '../log/event-log.ts'
import { type FollowedSlice, FollowLoop, type NextStep } from '../log/follow-loop.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

const sliceBytes = 1024 * 1024
const sliceEvents = 1_000
/** Unsettled events at which reading stops until the oldest are settled or handed to own loops (invariant 8). */
const mostOpen = 50_000
/** A subscription that holds the watermark back longer than this goes on in a loop of its own. */
const holdMs = 2_000
/** How often those who do are looked for. */
const relieveMs = 1_000

export interface SharedLoopDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly partition: number
  readonly dispatcher: Pick<Dispatcher, 'offer'>
  readonly settlements: Pick<Settlements, 'isFull' | 'room' | 'touch'>
  /** The readers of the event's matching active subscriptions, whoever reads for them. */
  readonly match: (event: StoredEvent) => readonly Reader[]
  readonly readers: () => Iterable<Reader>
  /** Takes a reader out of the shared loop, which has offered it everything up to `readTo`. */
  readonly leave: (reader: Reader, readTo: number) => void
  /** Retention dropped events after `after`, up to `to`, that were not read for it. */
  readonly dropped: (reader: Reader, span: { readonly after: number; readonly to: number }) => void
  readonly onFailure: (error: unknown) => void
}

/** Reads one partition once for all subscriptions that keep up, behind one watermark. */
export class SharedLoop {
  readonly tracker: Tracker
  readonly #deps: SharedLoopDeps
  readonly #openCap: number
  readonly #loop: FollowLoop
  /** Woken when the watermark has moved. */
  readonly #settled = new Signal()
  #cancelRelief: (() => void) | null = null
  #watermark: number
  #watermarkSinceMs: number
  #running: Promise<void> | null = null

  constructor(deps: SharedLoopDeps, tracker: Tracker, openCap: number = mostOpen) {
    this.#deps = deps
    this.#openCap = openCap
    this.tracker = tracker
    tracker.onMoved(this.#settled.wake)
    this.#watermark = tracker.watermark
    this.#watermarkSinceMs = deps.clock.now()
    this.#loop = new FollowLoop(deps, { next: () => this.#next(), take: (slice) => this.#take(slice) })
  }

  start(): void {
    this.#running = this.#loop.run()
  }

  async stop(): Promise<void> {
    this.#loop.stop()
    this.#cancelRelief?.()
    await this.#running
  }

  /** Looks again while anything is open: an idle server has nothing to look for. */
  #watchOver(): void {
    if (this.#cancelRelief || this.#loop.isStopped || this.tracker.openCount === 0) return
    this.#cancelRelief = this.#deps.clock.schedule(relieveMs, () => {
      this.#cancelRelief = null
      this.#relieve(this.#deps.readers())
      this.#watchOver()
    })
  }

  /** Lets those who hold the watermark back go. */
  #relieve(readers: Iterable<Reader>): void {
    const { watermark, readTo } = this.tracker
    const nowMs = this.#deps.clock.now()
    if (watermark !== this.#watermark || watermark === readTo) {
      this.#watermark = watermark
      this.#watermarkSinceMs = nowMs
      return
    }
    if (nowMs - this.#watermarkSinceMs < holdMs) return
    const oldest = this.tracker.oldest()
    for (const reader of readers) {
      if (reader.progress.sharedFrom !== null && reader.open.holds(oldest)) this.#deps.leave(reader, readTo)
    }
  }

  #next(): NextStep {
    const { settlements } = this.#deps
    if (settlements.isFull) return { kind: 'hold', until: settlements.room() }
    if (this.tracker.openCount >= this.#openCap) return { kind: 'hold', until: this.#settled.wait() }
    return { kind: 'read', after: this.tracker.readTo, maxBytes: sliceBytes, maxEvents: sliceEvents }
  }

  #take(slice: FollowedSlice): void {
    this.#noteDropped(slice)
    for (const event of slice.events) this.#offer(event)
    this.#watchOver()
    this.tracker.read(slice.next)
    if (slice.next > slice.after) this.#deps.settlements.touch()
  }

  #noteDropped({ after, droppedTo: to }: FollowedSlice): void {
    if (to === after) return
    for (const reader of this.#deps.readers()) {
      if (reader.progress.sharedFrom !== null) this.#deps.dropped(reader, { after, to })
    }
  }

  #offer(event: StoredEvent): void {
    const { clock, dispatcher, leave } = this.#deps
    const takers: { reader: Reader; sequence: number }[] = []
    for (const reader of this.#deps.match(event)) {
      const { progress, lane } = reader
      const from = progress.sharedFrom
      if (from === null || event.position <= from) continue
      if (!lane.hasRoom) {
        leave(reader, event.position - 1)
        continue
      }
      const sequence = progress.giveSequence(event.position)
      // A run before this one may have settled it though the watermark had not passed it.
      if (reader.needsAttempt(event.position, this.tracker)) takers.push({ reader, sequence })
    }
    if (takers.length === 0) {
      this.tracker.read(event.position)
      return
    }
    const entry = this.tracker.open(event.position, takers.length)
    for (const { reader, sequence } of takers) {
      const delivery = {
        event,
        sequence,
        attempts: 0,
        firstAttemptAtMs: null,
        origin: 'loop' as const,
        isLive: true,
        whenSettled: reader,
        mayHaveRow: false,
        offeredAtMs: clock.now(),
      }
      reader.open.add(delivery, this.tracker, entry)
      dispatcher.offer(reader.lane, delivery)
    }
  }
}
