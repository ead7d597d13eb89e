/** An event of a reading loop that is not settled for `pending` of its subscriptions yet. */
export interface TrackedEvent {
  readonly position: number
  pending: number
}

/**
 * The watermark of one reading loop: how far every event is settled (invariant 4). Events are opened
 * in ascending order and settle in any; the watermark is the position before the oldest open one.
 */
export class Tracker {
  #open: TrackedEvent[] = []
  #first = 0
  #readTo: number
  #onMoved: () => void

  /** `position`: everything up to here is settled. `onMoved`: the watermark may have moved. */
  constructor(position: number, onMoved: () => void = () => {}) {
    this.#readTo = position
    this.#onMoved = onMoved
  }

  /** From now on this one is told when the watermark may have moved. */
  onMoved(listener: () => void): void {
    this.#onMoved = listener
  }

  /** How far the loop has read. */
  get readTo(): number {
    return this.#readTo
  }

  get watermark(): number {
    const oldest = this.#open[this.#first]
    return oldest ? oldest.position - 1 : this.#readTo
  }

  get openCount(): number {
    return this.#open.length - this.#first
  }

  /** The oldest event that is still open. */
  oldest(): TrackedEvent | undefined {
    return this.#open[this.#first]
  }

  /** Adds an event with `pending` unsettled deliveries (1 or more); `position` is above all before it. */
  open(position: number, pending: number): TrackedEvent {
    const entry = { position, pending }
    this.#open.push(entry)
    if (position > this.#readTo) this.#readTo = position
    if (this.openCount === 1) this.#onMoved()
    return entry
  }

  /** The loop has considered everything up to `position`. */
  read(position: number): void {
    if (position <= this.#readTo) return
    this.#readTo = position
    if (this.openCount === 0) this.#onMoved()
  }

  settle(entry: TrackedEvent): void {
    entry.pending -= 1
    if (entry.pending > 0 || entry !== this.#open[this.#first]) return
    while (this.#first < this.#open.length && this.#open[this.#first]!.pending <= 0) this.#first += 1
    if (this.#first > 1_024 && this.#first * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#first)
      this.#first = 0
    }
    this.#onMoved()
  }
}
