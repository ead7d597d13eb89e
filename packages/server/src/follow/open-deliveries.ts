import type { PendingDelivery } from '../deliver/queue/pending-delivery.ts'
import type { TrackedEvent, Tracker } from './tracker.ts'

interface Tracked {
  readonly tracker: Tracker
  readonly entry: TrackedEvent
}

/** Deliveries of one subscription that hold a watermark back until they are settled, queued or under way. */
export class OpenDeliveries {
  readonly #open = new Map<PendingDelivery, Tracked>()

  /** In the order in which they came to hold it back. */
  all(): PendingDelivery[] {
    return [...this.#open.keys()]
  }

  in(tracker: Tracker): PendingDelivery[] {
    return this.all().filter((delivery) => this.#open.get(delivery)?.tracker === tracker)
  }

  /** Whether one of them is the tracker's `entry`. */
  holds(entry: TrackedEvent | undefined): boolean {
    for (const tracked of this.#open.values()) if (tracked.entry === entry) return true
    return false
  }

  /** Whether one is of the event at this position. */
  isOpenAt(position: number): boolean {
    for (const { event } of this.#open.keys()) if (event.position === position) return true
    return false
  }

  /** From now on the delivery holds the tracker's watermark back. */
  add(delivery: PendingDelivery, tracker: Tracker, entry: TrackedEvent): void {
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
  settle(delivery: PendingDelivery): void {
    const tracked = this.#open.get(delivery)
    if (!tracked) return
    this.#open.delete(delivery)
    tracked.tracker.settle(tracked.entry)
  }

  /** None of them holds a watermark back any more. */
  settleAll(): void {
    for (const delivery of this.all()) this.settle(delivery)
  }

  /** They are read again: their tracker, which they still hold back, is given up for another. */
  drop(deliveries: readonly PendingDelivery[]): void {
    for (const delivery of deliveries) this.#open.delete(delivery)
  }
}
