import { type Pace, type PaceSample, paceOf, sampled } from '../core/delivery/pace.ts'
import { afterSkipped, isSkipped } from '../core/delivery/skipped-span.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { EventLog } from '../log/event-log.ts'
import { type FollowedSlice, FollowLoop, type NextStep } from '../log/follow-loop.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

/** Small, because there may be thousands of such loops. */
const sliceBytes = 256 * 1024
const sliceEvents = 256

export interface OwnLoopDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly partition: number
  readonly dispatcher: Pick<Dispatcher, 'offer'>
  readonly settlements: Pick<Settlements, 'isFull' | 'room' | 'touch'>
  readonly matches: (reader: Reader, event: StoredEvent) => boolean
  /** That of the shared loop. */
  readonly shared: Pick<Tracker, 'readTo'>
  /** It has read as far as the shared loop: it ends, and the subscription takes part there from now on. */
  readonly caughtUp: () => void
  /** Retention dropped events after `after`, up to `to`, that it had not read. */
  readonly dropped: (span: { readonly after: number; readonly to: number }) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * The reading loop of one subscription that starts in the past, was rewound or re-enabled, or could
 * not keep up. It ends by joining the shared loop, at the moment when it has read as far: no gap and
 * no double at the seam, because both steps happen without yielding.
 */
export class OwnLoop {
  readonly #deps: OwnLoopDeps
  readonly #reader: Reader
  readonly #tracker: Tracker
  readonly #loop: FollowLoop
  #samples: readonly PaceSample[] = []

  constructor(deps: OwnLoopDeps, reader: Reader, tracker: Tracker) {
    this.#deps = deps
    this.#reader = reader
    this.#tracker = tracker
    this.#loop = new FollowLoop(deps, { next: () => this.#next(), take: (slice) => this.#take(slice) })
  }

  /** Resolves when it has joined or was stopped. */
  run(): Promise<void> {
    return this.#loop.run()
  }

  /** How fast it goes on. */
  pace(): Pace {
    return paceOf(this.#samples, this.#sample())
  }

  stop(): void {
    this.#loop.stop()
  }

  #sample(): PaceSample {
    const { clock, log, partition } = this.#deps
    return { atMs: clock.now(), readTo: this.#tracker.readTo, latest: log.bounds(partition).latest }
  }

  get #isOver(): boolean {
    return this.#loop.isStopped || this.#reader.lane.isClosed
  }

  #next(): NextStep {
    const { settlements, shared } = this.#deps
    const { lane, progress } = this.#reader
    if (lane.isClosed) return { kind: 'end' }
    this.#tracker.read(afterSkipped(progress.skipped, this.#tracker.readTo))
    this.#samples = sampled(this.#samples, this.#sample())
    if (!lane.hasRoom) return { kind: 'hold', until: lane.room.wait() }
    if (settlements.isFull) return { kind: 'hold', until: settlements.room() }
    if (this.#tracker.readTo >= shared.readTo) {
      this.#deps.caughtUp()
      return { kind: 'end' }
    }
    return { kind: 'read', after: this.#tracker.readTo, maxBytes: sliceBytes, maxEvents: sliceEvents }
  }

  async #take(slice: FollowedSlice): Promise<void> {
    const { after, droppedTo: to } = slice
    if (to > after) this.#deps.dropped({ after, to })
    for (const event of slice.events) {
      if (this.#isOver) return
      if (this.#isDue(event)) await this.#offer(event)
      if (this.#isOver) return
      this.#tracker.read(event.position)
    }
    this.#tracker.read(slice.next)
    this.#deps.settlements.touch()
  }

  #isDue(event: StoredEvent): boolean {
    return !isSkipped(this.#reader.progress.skipped, event.position) && this.#deps.matches(this.#reader, event)
  }

  async #offer(event: StoredEvent): Promise<void> {
    const reader = this.#reader
    const { lane, progress } = reader
    while (!lane.hasRoom && !this.#isOver) await this.#loop.until(lane.room.wait())
    if (this.#isOver) return
    const sequence = progress.giveSequence(event.position)
    if (!reader.needsAttempt(event.position, this.#tracker)) return
    const entry = this.#tracker.open(event.position, 1)
    const delivery = {
      event,
      sequence,
      attempts: 0,
      firstAttemptAtMs: null,
      origin: 'loop' as const,
      isLive: false,
      whenSettled: reader,
      mayHaveRow: true,
      offeredAtMs: this.#deps.clock.now(),
    }
    reader.open.add(delivery, this.#tracker, entry)
    this.#deps.dispatcher.offer(lane, delivery)
  }
}
