import type { CatchUpReason } from '../core/delivery/catch-up.ts'
import type { Pace } from '../core/delivery/pace.ts'
import type { SkipReason } from '../core/delivery/skipped-span.ts'
import type { DeliveryStore } from '../deliver/delivery-store.ts'
import type { Lane } from '../deliver/lane.ts'
import type { PendingDelivery } from '../deliver/pending-delivery.ts'
import type { Tracker } from '../deliver/tracker.ts'
import { OwnLoop, type OwnLoopDeps } from './own-loop.ts'

/** Events that make a catching-up worth telling of; busy subscriptions leave and join the shared loop all the time. */
const farBehind = 100

export interface LaneReadingsDeps extends Omit<OwnLoopDeps, 'settlements'> {
  readonly settlements: () => OwnLoopDeps['settlements']
  readonly store: DeliveryStore
  /** That of the shared loop. */
  readonly sharedTracker: () => Tracker
  /** Its own loop has read as far as the shared one. */
  readonly caughtUp: (lane: Lane) => void
}

/** Where reading begins anew, and why. */
export interface NewBeginning {
  readonly position: number
  readonly reason: CatchUpReason
  /** Some topics alone are read again. */
  readonly isPartial: boolean
  /** The record of the events that it skips; null: it skips none. */
  readonly skips: SkipReason | null
}

/** Who reads for each lane: the shared loop, a loop of its own, or nobody while it is paused or disabled. */
export class LaneReadings {
  readonly #deps: LaneReadingsDeps
  readonly #loops = new Map<Lane, OwnLoop>()

  constructor(deps: LaneReadingsDeps) {
    this.#deps = deps
  }

  /** How fast its own loop goes on; null: none is running. */
  paceOf(lane: Lane): Pace | null {
    return this.#loops.get(lane)?.pace() ?? null
  }

  /** Goes on as the last run of the server left it. */
  goOn(lane: Lane): void {
    if (lane.progress.mode !== 'own') return
    if (lane.progress.catchUp === null) this.begin(lane, 'behind')
    else this.#read(lane)
  }

  /** Begins to catch up from where it stands, if anybody has to. */
  begin(lane: Lane, reason: CatchUpReason): void {
    if (lane.progress.mode !== 'own') return
    this.#note(lane, reason)
    this.#read(lane)
  }

  /** Takes it out of the shared loop, which has offered it everything up to `readTo`. */
  leave(lane: Lane, readTo: number): void {
    this.#takeOut(lane, readTo)
    if (lane.subscription.status === 'active') this.begin(lane, 'behind')
  }

  /** It was disabled: stops reading and takes back what no attempt was begun for. */
  halt(lane: Lane): void {
    if (lane.progress.mode === 'shared') this.#takeOut(lane, this.#deps.sharedTracker().readTo)
    this.#stopLoop(lane)
    lane.progress.catchUp = null
    // Else what it was given before goes on, first attempts too: they would be missed by an enabling from now.
    if (!lane.policy.retriesWhileDisabled) this.#takeBack(lane)
    this.#deps.settlements().touch()
  }

  /** Resolves when the pause is durable; what waits for a retry goes on. One that keeps up falls behind from now on. */
  async pause(lane: Lane): Promise<void> {
    const { progress } = lane
    if (progress.mode === 'shared') {
      this.#takeOut(lane, this.#deps.sharedTracker().readTo)
      this.#note(lane, 'behind')
    }
    if (progress.catchUp && !progress.isPaused) {
      progress.catchUp = { ...progress.catchUp, pausedAtMs: this.#deps.clock.now() }
      this.#stopLoop(lane)
      this.#takeBack(lane)
    }
    await this.#written()
  }

  async resume(lane: Lane): Promise<void> {
    const { progress } = lane
    if (progress.catchUp && progress.isPaused) {
      progress.catchUp = { ...progress.catchUp, pausedAtMs: null }
      this.#read(lane)
    }
    await this.#written()
  }

  /** Skips everything that a catch-up has not settled, and joins the shared reading from now on. */
  async cancel(lane: Lane): Promise<void> {
    const { progress } = lane
    if (progress.mode !== 'own' || !progress.catchUp) return
    this.#stopLoop(lane)
    const { latest } = this.#deps.log.bounds(this.#deps.partition)
    const readTo = progress.own?.readTo ?? latest
    this.#leaveOut(lane, latest, 'catch_up_cancelled')
    progress.restart(latest, false, readTo)
    progress.join(latest)
    await this.#written()
  }

  /** Begins anew, once that is durable; attempts under way end as they end. */
  async restart(lane: Lane, { position, reason, isPartial, skips }: NewBeginning): Promise<void> {
    this.#stopLoop(lane)
    const { progress, subscription } = lane
    const isActive = subscription.status === 'active'
    const goesOn = lane.policy.retriesWhileDisabled && !isActive
    const readTo = progress.own?.readTo ?? position
    // Going forward leaves what a disabled lane was given before in its queue; going back reads it again.
    const atMs = this.#deps.clock.now()
    if (progress.mode === 'own' && readTo < position && skips !== null) {
      if (goesOn) progress.skip({ after: readTo, to: position, reason: skips, atMs, isReadAgain: false })
      else this.#leaveOut(lane, position, skips)
    }
    if (!goesOn || readTo > position) {
      const dropped = lane.dropFresh()
      for (const delivery of dropped) lane.untrack(delivery)
      progress.giveBack(dropped)
    }
    lane.known.clear()
    const hasRead = progress.mode === 'own' && progress.own ? progress.own.readTo : this.#deps.sharedReadTo()
    const tracker = progress.restart(position, isPartial, hasRead)
    progress.catchUp = isActive ? { reason, sinceMs: atMs, from: position, pausedAtMs: null } : null
    carryOver(lane, tracker, position)
    try {
      await this.#written()
      // Deliveries that had ended are attempted again; rows of the replay itself come after this.
      const { partition } = this.#deps
      await this.#deps.store.reopen({ subscription: subscription.number, partition, after: position })
    } finally {
      // A disk that refuses now must not leave it without anybody who reads for it: the place is written later.
      const isCurrent = progress.own === tracker && progress.mode === 'own' && !lane.isRemoved
      if (isCurrent && lane.subscription.status === 'active') this.#read(lane)
    }
  }

  remove(lane: Lane): void {
    this.#loops.get(lane)?.stop()
  }

  stop(): void {
    for (const loop of this.#loops.values()) loop.stop()
  }

  /**
   * Everything that is not settled yet. An attempt under way ends as it ends, but nothing is read
   * again for it after a crash: the sequences of what follows could not be the same.
   */
  #leaveOut(lane: Lane, position: number, reason: SkipReason): void {
    const { progress } = lane
    const after = progress.own?.watermark ?? position
    progress.skip({ after, to: position, reason, atMs: this.#deps.clock.now(), isReadAgain: false })
    lane.dropFresh()
    for (const delivery of [...lane.open]) lane.untrack(delivery)
    lane.known.clear()
  }

  #takeOut(lane: Lane, readTo: number): void {
    const own = lane.progress.leave(readTo)
    const shared = this.#deps.sharedTracker()
    track(
      [...lane.open].filter((delivery) => delivery.tracked?.tracker === shared),
      own,
    )
    this.#deps.settlements().touch()
  }

  #note({ progress }: Lane, reason: CatchUpReason): void {
    if (!progress.own) return
    progress.catchUp = { reason, sinceMs: this.#deps.clock.now(), from: progress.own.readTo, pausedAtMs: null }
  }

  async #written(): Promise<void> {
    this.#deps.settlements().touch()
    await this.#deps.settlements().durable()
  }

  #stopLoop(lane: Lane): void {
    this.#loops.get(lane)?.stop()
    this.#loops.delete(lane)
  }

  /** Events without an attempt are read again later. This costs one position, not a row for each event. */
  #takeBack(lane: Lane): void {
    const dropped = lane.dropFresh()
    const first = dropped.reduce<PendingDelivery | undefined>(
      (lowest, delivery) => (lowest && lowest.event.position < delivery.event.position ? lowest : delivery),
      undefined,
    )
    if (!first) return
    lane.progress.giveBack(dropped)
    const resumeAfter = first.event.position - 1
    for (const delivery of dropped) lane.open.delete(delivery)
    // Deliveries that are settled beyond the place to resume at are read again, but not sent again.
    const unsettled = new Set([...dropped, ...lane.open].map(({ event }) => event.position))
    for (const position of lane.progress.givenAfter(resumeAfter)) {
      if (!unsettled.has(position)) lane.known.add(position)
    }
    const tracker = lane.progress.resumeAt(resumeAfter, (first.sequence ?? 1) - 1)
    for (const delivery of carryOver(lane, tracker, resumeAfter)) lane.known.add(delivery.event.position)
  }

  #read(lane: Lane): void {
    const { own, isPaused } = lane.progress
    if (!own || isPaused || this.#loops.has(lane)) return
    const loop = new OwnLoop({ ...this.#deps, settlements: this.#deps.settlements() }, lane, own)
    this.#loops.set(lane, loop)
    const isFarBehind = this.#deps.log.bounds(this.#deps.partition).latest - own.readTo >= farBehind
    void loop.run().finally(() => {
      if (this.#loops.get(lane) !== loop) return
      this.#loops.delete(lane)
      if (isFarBehind && lane.progress.mode === 'shared') this.#deps.caughtUp(lane)
    })
  }
}

/** Attempts under way at or before `position` hold the new tracker back. Returns those after it, which it reads again. */
function carryOver(lane: Lane, tracker: Tracker, position: number): PendingDelivery[] {
  const underWay = [...lane.open]
  track(
    underWay.filter((delivery) => delivery.event.position <= position),
    tracker,
  )
  const ahead = underWay.filter((delivery) => delivery.event.position > position)
  for (const delivery of ahead) lane.untrack(delivery)
  return ahead
}

/** Moves deliveries from their trackers to another. */
function track(deliveries: PendingDelivery[], tracker: Tracker): void {
  for (const delivery of deliveries.sort((a, b) => a.event.position - b.event.position)) {
    const before = delivery.tracked
    delivery.tracked = { tracker, entry: tracker.open(delivery.event.position, 1) }
    before?.tracker.settle(before.entry)
  }
}
