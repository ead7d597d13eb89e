import type { Lane } from '../deliver/queue/lane.ts'
import type { PendingDelivery, WhenSettled } from '../deliver/queue/pending-delivery.ts'
import type { Progress } from './progress.ts'
import type { TrackedEvent, Tracker } from './tracker.ts'

interface Tracked {
  readonly tracker: Tracker
  readonly entry: TrackedEvent
}

/** What the reading of one subscription has in memory: how far it is, and the deliveries that hold it back. */
export class Reader implements WhenSettled {
  readonly lane: Lane
  readonly progress: Progress
  /** Positions ahead of its reading that need no first attempt any more: settled or under way already. */
  readonly known = new Set<number>()
  /** Deliveries that hold a watermark back until they are settled, queued or under way. */
  readonly #open = new Map<PendingDelivery, Tracked>()

  constructor(lane: Lane, progress: Progress) {
    this.lane = lane
    this.progress = progress
  }

  get number(): number {
    return this.lane.subscription.number
  }

  get isActive(): boolean {
    return this.lane.subscription.status === 'active'
  }

  /** The deliveries that hold a watermark back, in the order in which they came to do so. */
  open(): PendingDelivery[] {
    return [...this.#open.keys()]
  }

  openIn(tracker: Tracker): PendingDelivery[] {
    return this.open().filter((delivery) => this.#open.get(delivery)?.tracker === tracker)
  }

  /** Whether one of its deliveries is the tracker's `entry`. */
  holds(entry: TrackedEvent | undefined): boolean {
    for (const tracked of this.#open.values()) if (tracked.entry === entry) return true
    return false
  }

  /** Whether a delivery of the event at this position is queued or under way. */
  isOpenAt(position: number): boolean {
    for (const { event } of this.#open.keys()) if (event.position === position) return true
    return false
  }

  /** From now on the delivery holds the tracker's watermark back. */
  track(delivery: PendingDelivery, tracker: Tracker, entry: TrackedEvent): void {
    this.#open.set(delivery, { tracker, entry })
  }

  /** Moves deliveries from their trackers to another. */
  moveTo(tracker: Tracker, deliveries: readonly PendingDelivery[]): void {
    for (const delivery of [...deliveries].sort((a, b) => a.event.position - b.event.position)) {
      const before = this.#open.get(delivery)
      this.#open.set(delivery, { tracker, entry: tracker.open(delivery.event.position, 1) })
      before?.tracker.settle(before.entry)
    }
  }

  /** It no longer holds a watermark back. */
  settled(delivery: PendingDelivery): void {
    const tracked = this.#open.get(delivery)
    if (!tracked) return
    this.#open.delete(delivery)
    tracked.tracker.settle(tracked.entry)
  }

  /** None of them holds a watermark back any more. */
  settleAll(): void {
    for (const delivery of this.open()) this.settled(delivery)
  }

  /** They are read again: their tracker, which they still hold back, is given up for another. */
  drop(deliveries: readonly PendingDelivery[]): void {
    for (const delivery of deliveries) this.#open.delete(delivery)
  }
}
