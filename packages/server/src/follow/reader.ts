import type { Lane } from '../deliver/queue/lane.ts'
import type { PendingDelivery, WhenSettled } from '../deliver/queue/pending-delivery.ts'
import { OpenDeliveries } from './open-deliveries.ts'
import type { Progress } from './progress.ts'
import type { Tracker } from './tracker.ts'

/** What the reading of one subscription has in memory: how far it is, and the deliveries that hold it back. */
export class Reader implements WhenSettled {
  readonly lane: Lane
  readonly progress: Progress
  readonly open = new OpenDeliveries()
  /** Positions ahead of its reading that need no first attempt any more: what stands there is settled. */
  readonly #known: Set<number>
  /** Attempts under way ahead of its reading, by position: they hold back again once it has come there. */
  readonly #ahead = new Map<number, PendingDelivery>()

  constructor(lane: Lane, progress: Progress, known: Iterable<number> = []) {
    this.lane = lane
    this.progress = progress
    this.#known = new Set(known)
  }

  get number(): number {
    return this.lane.subscription.number
  }

  get isActive(): boolean {
    return this.lane.subscription.status === 'active'
  }

  /** Reads the event at this position for a tracker. False: it needs no first attempt, settled or under way already. */
  needsAttempt(position: number, tracker: Tracker): boolean {
    const underWay = this.#ahead.get(position)
    if (!underWay) return !this.#known.has(position)
    this.#ahead.delete(position)
    this.open.add(underWay, tracker, tracker.open(position, 1))
    return false
  }

  /** Whether a delivery of the event at this position is queued or under way. */
  isOpenAt(position: number): boolean {
    return this.#ahead.has(position) || this.open.isOpenAt(position)
  }

  /** Forgets what is not read again, since everything up to `place` is settled. True: nothing is known any more. */
  forgetKnown(place: number): boolean {
    for (const position of this.#known) if (position <= place) this.#known.delete(position)
    return this.#known.size === 0
  }

  settled(delivery: PendingDelivery): void {
    this.open.settle(delivery)
    const { position } = delivery.event
    if (this.#ahead.get(position) !== delivery) return
    this.#ahead.delete(position)
    this.#known.add(position)
    this.progress.onTouched()
  }

  /** What the shared loop tracks for it holds a tracker of its own back from now on. */
  detach(shared: Tracker, readTo: number): void {
    this.open.moveTo(this.progress.detach(readTo), this.open.in(shared))
  }

  /** Events without an attempt are read again later. This costs one position, not a row for each event. */
  takeBack(): void {
    const { progress, open } = this
    const dropped = this.lane.dropFresh()
    const first = dropped.reduce<PendingDelivery | undefined>(
      (lowest, delivery) => (lowest && lowest.event.position < delivery.event.position ? lowest : delivery),
      undefined,
    )
    if (!first) return
    this.#giveBack(dropped)
    const resumeAfter = first.event.position - 1
    open.drop(dropped)
    // Deliveries that are settled beyond the place to resume at are read again, but not sent again.
    const unsettled = new Set([...dropped, ...open.all()].map(({ event }) => event.position))
    for (const position of progress.sequences.givenAfter(resumeAfter)) {
      if (!unsettled.has(position)) this.#known.add(position)
    }
    const tracker = progress.moveTo(resumeAfter)
    progress.sequences.resumeAfter(resumeAfter, (first.sequence ?? 1) - 1)
    for (const delivery of this.#carryOver(tracker, resumeAfter)) this.#ahead.set(delivery.event.position, delivery)
  }

  /**
   * Everything that is not settled yet. An attempt under way ends as it ends, but nothing is read
   * again for it after a crash: the sequences of what follows could not be the same.
   */
  leaveOut(): void {
    this.lane.dropFresh()
    this.open.settleAll()
    this.#forgetAhead()
  }

  /** Reads on after `position`; what is queued from before that place is not read again, so it goes on. */
  beginAnew(position: number, readTo: number): void {
    const { progress, open } = this
    const dropped = this.lane.takeQueued(({ event }) => event.position > position)
    for (const delivery of dropped) open.settle(delivery)
    this.#giveBack(dropped)
    this.#forgetAhead()
    progress.sequences.restart(position, readTo)
    this.#carryOver(progress.moveTo(position), position)
  }

  #forgetAhead(): void {
    this.#known.clear()
    this.#ahead.clear()
  }

  #giveBack(dropped: readonly PendingDelivery[]): void {
    this.progress.sequences.giveBack(dropped.map(({ event, sequence }) => ({ position: event.position, sequence })))
  }

  /** Attempts under way at or before `position` hold the new tracker back. Returns those after it, which it reads again. */
  #carryOver(tracker: Tracker, position: number): PendingDelivery[] {
    const underWay = this.open.all()
    this.open.moveTo(
      tracker,
      underWay.filter((delivery) => delivery.event.position <= position),
    )
    const ahead = underWay.filter((delivery) => delivery.event.position > position)
    for (const delivery of ahead) this.open.settle(delivery)
    return ahead
  }
}
