import type { CatchUp } from '../core/delivery/catch-up.ts'
import type { SkippedSpan } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import {
  catchUpOf,
  type Effect,
  type Input,
  initialState,
  type ProgressState,
  step,
  takesPart,
} from './progress-state.ts'
import { Sequences } from './sequences.ts'
import { Tracker } from './tracker.ts'

/** How far one subscription is: the state of its reading, the tracker of its own loop, and the row that tells both. */
export class Progress {
  readonly sequences: Sequences
  /** Told when the row to store may have changed. */
  onTouched: () => void = () => {}
  #state: ProgressState
  /** Null: nothing holds it back but the shared loop. */
  #own: Tracker | null
  #written: SubscriptionProgress | null = null

  /** `readBefore`: how far the log went when this run began. */
  constructor(start: Omit<SubscriptionProgress, 'subscription' | 'partition'>, readBefore = 0) {
    this.#state = initialState(start)
    this.#own = start.mode === 'own' ? this.#newTracker(start.position) : null
    this.sequences = new Sequences(start.sequence, readBefore)
  }

  get state(): ProgressState {
    return this.#state
  }

  /** It takes part in the shared loop, in events after this position; null: it does not. */
  get sharedFrom(): number | null {
    return takesPart(this.#state) ? this.#state.from : null
  }

  /** Null while it takes part in the shared loop, and while it is disabled. */
  get catchUp(): CatchUp | null {
    return catchUpOf(this.#state)
  }

  /** The spans that it skipped. */
  get skipped(): readonly SkippedSpan[] {
    return this.#state.skipped
  }

  /** The tracker of its own loop; kept after joining the shared one until everything in it is settled. */
  get own(): Tracker | null {
    return this.#own
  }

  /** What has to be done, in this order. */
  step(input: Input): readonly Effect[] {
    const { state, effects } = step(this.#state, input)
    if (state !== this.#state) {
      this.#state = state
      if (state.kind === 'shared') this.#own = null
      this.onTouched()
    }
    return effects
  }

  /** Of the log, everything up to here was considered for it. `shared`: how far the shared loop has read. */
  readTo(shared: number): number {
    const from = this.sharedFrom
    return from === null && this.#own ? this.#own.readTo : Math.max(shared, from ?? 0)
  }

  /** Everything of it up to here is settled. `shared`: the watermark of the shared loop. */
  settledTo(shared: number): number {
    return this.#own ? this.#own.watermark : Math.max(shared, this.sharedFrom ?? 0)
  }

  /** The tracker of its own loop, which has read to a place from now on. */
  detach(readTo: number): Tracker {
    this.#own ??= this.#newTracker(readTo)
    this.#own.read(readTo)
    this.onTouched()
    return this.#own
  }

  /** Its own loop goes on from a place where everything is settled, with a tracker of its own. */
  moveTo(position: number): Tracker {
    this.#own = this.#newTracker(position)
    this.onTouched()
    return this.#own
  }

  giveSequence(position: number): number {
    this.onTouched()
    return this.sequences.give(position)
  }

  /** The row was not stored after all. */
  notWritten(): void {
    this.#written = null
    this.onTouched()
  }

  /**
   * The row to store, or undefined when it is as it was at the last call.
   * `sharedWatermark`: of the partition that the lane reads.
   */
  changedRow(subscription: number, partition: number, sharedWatermark: number): SubscriptionProgress | undefined {
    const row: SubscriptionProgress = {
      subscription,
      partition,
      mode: this.#own ? 'own' : 'shared',
      position: this.#own ? this.#own.watermark : (this.sharedFrom ?? 0),
      sequence: this.sequences.settledAt(this.settledTo(sharedWatermark)),
      catchUp: this.catchUp,
      skipped: this.skipped,
    }
    if (this.#written && isSame(row, this.#written)) return undefined
    this.#written = row
    return row
  }

  /** Its row changes with the shared watermark, which tells nobody; a tracker of its own tells `onTouched`. */
  get followsShared(): boolean {
    return this.#own === null && this.sequences.isAhead
  }

  #newTracker(position: number): Tracker {
    const tracker: Tracker = new Tracker(position, () => {
      this.onTouched()
      if (tracker === this.#own && this.#state.kind === 'joined' && tracker.openCount === 0)
        this.step({ kind: 'settled' })
    })
    return tracker
  }
}

function isSame(row: SubscriptionProgress, other: SubscriptionProgress): boolean {
  if (row.mode !== other.mode || row.position !== other.position || row.sequence !== other.sequence) return false
  return row.catchUp === other.catchUp && row.skipped === other.skipped
}
