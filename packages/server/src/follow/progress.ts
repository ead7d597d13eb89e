import type { CatchUp } from '../core/delivery/catch-up.ts'
import { broughtBack, type SkippedSpan, withSpan } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import { Tracker } from './tracker.ts'

interface Given {
  readonly event: { readonly position: number }
  readonly sequence: number | null
}

/**
 * How far one subscription is, and who reads for it.
 *
 *   shared ──(its lane is full, its breaker opens, it holds the watermark back)──▶ own
 *     ▲                                                                            │
 *     └────────────(its own loop has read as far as the shared one)────────────────┘
 *
 * After joining, what its own loop began is still tracked there until it is settled.
 */
export class Progress {
  mode: 'shared' | 'own'
  /** In shared mode: it takes part in events after this position. */
  sharedFrom: number
  /** The tracker of its own loop; kept after joining until everything in it is settled. */
  own: Tracker | null
  /** The last sequence given. */
  sequence: number
  #catchUp: CatchUp | null
  #skipped: readonly SkippedSpan[]
  /** Positions above the watermark that have a sequence, ascending, to tell the sequence at the watermark. */
  #given: { position: number; sequence: number }[] = []
  #settledSequence: number
  /** The highest sequence that some event has, though it may have been taken back to be given to the same event again. */
  #highest: number
  /** The run before may have given sequences up to this position: those that are read again come out the same. */
  #readBefore: number
  #written: SubscriptionProgress | null = null
  /** Told when the row to store may have changed. */
  onTouched: () => void = () => {}
  readonly #moved = () => this.onTouched()

  /** `readBefore`: how far the log went when this run began. */
  constructor(start: Omit<SubscriptionProgress, 'subscription' | 'partition'>, readBefore = 0) {
    this.#readBefore = readBefore
    this.mode = start.mode
    this.sharedFrom = start.mode === 'shared' ? start.position : 0
    this.own = start.mode === 'own' ? new Tracker(start.position, this.#moved) : null
    this.sequence = start.sequence
    this.#settledSequence = start.sequence
    this.#highest = start.sequence
    this.#catchUp = start.catchUp
    this.#skipped = start.skipped
  }

  /** Null while it takes part in the shared loop, and while nothing is to be read for it. */
  get catchUp(): CatchUp | null {
    return this.#catchUp
  }

  set catchUp(catchUp: CatchUp | null) {
    this.#catchUp = catchUp
    this.onTouched()
  }

  get isPaused(): boolean {
    return this.#catchUp !== null && this.#catchUp.pausedAtMs !== null
  }

  /** The spans that it skipped. */
  get skipped(): readonly SkippedSpan[] {
    return this.#skipped
  }

  skip(span: SkippedSpan): void {
    this.#skipped = withSpan(this.#skipped, span)
    this.onTouched()
  }

  nextSequence(position: number): number {
    this.sequence += 1
    if (this.sequence > this.#highest) this.#highest = this.sequence
    this.onTouched()
    this.#given.push({ position, sequence: this.sequence })
    return this.sequence
  }

  /**
   * No attempt was begun for these. What follows takes the last of their sequences, so that receivers see no gap; not
   * those that the run before may have sent.
   */
  giveBack(dropped: Iterable<Given>): void {
    const unsent = new Set<number | null>()
    for (const { event, sequence } of dropped) if (event.position > this.#readBefore) unsent.add(sequence)
    while (unsent.has(this.#highest)) this.#highest -= 1
  }

  /** Begins its own loop after `readTo`; what the shared loop still tracks for it is the caller's to move over. */
  leave(readTo: number): Tracker {
    // The shared loop may not have come to where the subscription begins.
    const from = Math.max(readTo, this.sharedFrom)
    this.mode = 'own'
    this.onTouched()
    this.own ??= new Tracker(from, this.#moved)
    this.own.read(from)
    return this.own
  }

  join(from: number): void {
    this.mode = 'shared'
    this.sharedFrom = from
    this.catchUp = null
  }

  /** The row was not stored after all. */
  notWritten(): void {
    this.#written = null
    this.onTouched()
  }

  /**
   * Starts over from `position`; sequences go on growing. What it left out after that is read again,
   * `isPartial`: for some topics alone. `readTo`: how far this run had read.
   */
  restart(position: number, isPartial: boolean, readTo: number): Tracker {
    // Events that it has not read again since a crash or a rewind keep their sequence numbers: no other event may get these.
    const givenBefore = this.#readBefore > readTo ? this.sequence + this.#readBefore - readTo : 0
    this.#highest = Math.max(givenBefore, this.#highest)
    this.sequence = this.#highest
    this.#readBefore = 0
    this.mode = 'own'
    this.own = new Tracker(position, this.#moved)
    this.onTouched()
    this.#settledSequence = this.sequence
    this.#given = []
    this.#skipped = broughtBack(this.#skipped, position, isPartial)
    return this.own
  }

  /** Positions after one that were given a sequence. */
  givenAfter(position: number): number[] {
    return this.#given.map((given) => given.position).filter((given) => given > position)
  }

  /** Takes back what was read after `position`, so that it is read again; `sequence` is the last one given before. */
  resumeAt(position: number, sequence: number): Tracker {
    this.mode = 'own'
    this.own = new Tracker(position, this.#moved)
    this.onTouched()
    this.sequence = sequence
    this.#given = this.#given.filter((given) => given.position <= position)
    return this.own
  }

  /**
   * The row to store, or undefined when it is as it was at the last call.
   * `sharedWatermark`: of the partition that the lane reads.
   */
  changedRow(subscription: number, partition: number, sharedWatermark: number): SubscriptionProgress | undefined {
    if (this.mode === 'shared' && this.own?.openCount === 0) this.own = null
    const isOwn = this.own !== null
    const place = this.own ? this.own.watermark : Math.max(sharedWatermark, this.sharedFrom)
    let settled = 0
    while (settled < this.#given.length && this.#given[settled]!.position <= place) settled += 1
    if (settled > 0) {
      this.#settledSequence = this.#given[settled - 1]!.sequence
      this.#given.splice(0, settled)
    }
    const row: SubscriptionProgress = {
      subscription,
      partition,
      mode: isOwn ? 'own' : 'shared',
      position: this.own ? this.own.watermark : this.sharedFrom,
      sequence: this.#settledSequence,
      catchUp: this.#catchUp,
      skipped: this.#skipped,
    }
    if (this.#written && isSame(row, this.#written)) return undefined
    this.#written = row
    return row
  }

  /** Its row changes with the shared watermark, which tells nobody; a tracker of its own tells `onTouched`. */
  get followsShared(): boolean {
    return this.own === null && this.#given.length > 0
  }
}

function isSame(row: SubscriptionProgress, other: SubscriptionProgress): boolean {
  if (row.mode !== other.mode || row.position !== other.position || row.sequence !== other.sequence) return false
  return row.catchUp === other.catchUp && row.skipped === other.skipped
}
