import type { Clock } from '../core/clock.ts'
import type { DeliveryKey } from '../core/delivery.ts'
import type { WebhookPolicy } from '../core/dialect.ts'
import type { StoredEvent } from '../core/event.ts'
import type { Subscription } from '../core/registry.ts'
import type { DeliveryStore, SubscriptionProgress } from '../deliver/delivery-store.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import { type EntityLedger, loadLedger } from '../deliver/entity-ledger.ts'
import { entityOf } from '../deliver/entity-order.ts'
import { Lane } from '../deliver/lane.ts'
import { LaneProgress } from '../deliver/lane-progress.ts'
import type { PendingDelivery } from '../deliver/pending-delivery.ts'
import type { Settlements } from '../deliver/settlements.ts'
import type { Tracker } from '../deliver/tracker.ts'
import type { EventLog } from '../log/event-log.ts'
import { type CompiledSubscription, compileSubscription, isMatch } from './compiled-subscription.ts'
import type { Grants } from './grants.ts'
import { OwnLoop } from './own-loop.ts'
import { SharedLoop } from './shared-loop.ts'
import { SubscriptionIndex } from './subscription-index.ts'

/** Events that make a catching-up worth telling of; busy subscriptions leave and join the shared loop all the time. */
const farBehind = 100

interface Member extends CompiledSubscription {
  readonly lane: Lane
}

export interface LanesDeps {
  readonly log: EventLog
  readonly store: DeliveryStore
  readonly clock: Clock
  readonly grants: Grants
  readonly types: () => Iterable<string>
  /** Whether a dialect can name a type: it never sees the others. */
  readonly isNamed: (type: string, dialect: string) => boolean
  readonly policyOf: (subscription: Subscription) => WebhookPolicy
  readonly dispatcher: Dispatcher
  readonly settlements: () => Settlements
  /** Its own loop has read as far as the shared one. */
  readonly caughtUp: (subscription: Subscription) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * The lanes of all webhook subscriptions and the loops that read for them. One partition a node
 * today; the loops are per partition, so more of them are more of these.
 */
export class Lanes {
  readonly shared: SharedLoop
  readonly #deps: LanesDeps
  readonly #partition: number
  readonly #members = new Map<number, Member>()
  readonly #index: SubscriptionIndex<Member>
  readonly #ownLoops = new Map<Lane, OwnLoop>()
  /** Lanes whose progress may have moved since it was stored: few, however many subscriptions there are. */
  readonly #unsettled = new Set<Lane>()
  readonly #progress = new Map<number, SubscriptionProgress>()
  readonly #known = new Map<number, Set<number>>()

  private constructor(deps: LanesDeps, partition: number, watermark: number) {
    this.#deps = deps
    this.#partition = partition
    this.#index = new SubscriptionIndex<Member>(deps.types())
    this.shared = new SharedLoop(
      {
        ...deps,
        partition,
        settlements: deps.settlements(),
        match: (event) => this.#index.match(event, deps.grants).map((member) => member.lane),
        lanes: () => this.all(),
        leave: (lane, readTo) => this.#leave(lane, readTo),
        isKnown: (lane, position) => lane.known.has(position),
      },
      watermark,
    )
  }

  /** Takes up where the last run of the server stopped. */
  static async open(deps: LanesDeps, partition: number, subscriptions: Iterable<Subscription>): Promise<Lanes> {
    const state = await deps.store.load()
    const bounds = deps.log.bounds(partition)
    const stored = state.watermarks.find((entry) => entry.partition === partition)?.position
    const watermark = Math.max(stored ?? 0, bounds.earliest)
    const lanes = new Lanes(deps, partition, watermark)
    const byNumber = new Map([...subscriptions].map((subscription) => [subscription.number, subscription]))
    let lowest = watermark
    for (const row of state.progress) {
      if (row.partition !== partition) continue
      if (!byNumber.has(row.subscription)) {
        // A crash came between its deletion, or its creation, and the end of it.
        await deps.store.forget(row.subscription)
        continue
      }
      lanes.#progress.set(row.subscription, row)
      if (row.mode === 'own') lowest = Math.min(lowest, row.position)
    }
    const delivered = [...byNumber.values()].map(({ number, replayedAt }) => {
      const row = lanes.#progress.get(number)
      const isShared = row?.mode !== 'own'
      return {
        subscription: number,
        partition,
        after: isShared ? Math.max(watermark, row?.position ?? 0) : row.position,
        // A replay is to send again what was delivered before it was asked for.
        sinceMs: isShared || replayedAt === null ? 0 : Date.parse(replayedAt),
      }
    })
    lanes.#know(await deps.store.knownAfter({ partition, after: lowest }))
    lanes.#know(await deps.store.deliveredAfter(delivered))
    return lanes
  }

  #know(keys: readonly DeliveryKey[]): void {
    for (const key of keys) {
      const known = this.#known.get(key.subscription)
      if (known) known.add(key.position)
      else this.#known.set(key.subscription, new Set([key.position]))
    }
  }

  get(number: number): Lane | undefined {
    return this.#members.get(number)?.lane
  }

  *all(): Iterable<Lane> {
    for (const member of this.#members.values()) yield member.lane
  }

  /** Makes durable where a subscription begins; called before the subscription itself is stored. */
  async place(number: number, mode: 'shared' | 'own', position: number): Promise<void> {
    const lane = this.get(number)
    if (lane) {
      await this.#restart(lane, position)
      return
    }
    const sequence = this.#progress.get(number)?.sequence ?? 0
    const row: SubscriptionProgress = { subscription: number, partition: this.#partition, mode, position, sequence }
    await this.#deps.store.settle({
      // No watermark: the rows that it relies on are gathered elsewhere and may not be written yet.
      watermarks: [],
      progress: [row],
      waiting: [],
      ended: [],
      cleared: [],
      attempts: [],
    })
    this.#progress.set(number, row)
  }

  /** How far everything of the subscription is settled: going back starts here or before, so that nothing is skipped. */
  settledTo(number: number): number {
    const { progress } = this.get(number) ?? {}
    if (!progress) return this.#progress.get(number)?.position ?? 0
    return progress.own ? progress.own.watermark : Math.max(this.shared.tracker.watermark, progress.sharedFrom)
  }

  /** Follows the registry: a new, changed, or deleted subscription. */
  apply(number: number, subscription: Subscription | null): void {
    const member = this.#members.get(number)
    if (!subscription) {
      if (member) this.#remove(member)
      return
    }
    if (!member) {
      this.#add(subscription)
      return
    }
    const wasActive = member.subscription.status === 'active'
    const before = member.lane.ledger
    const next: Member = { ...this.#compiled(subscription), lane: member.lane }
    this.#members.set(number, next)
    member.lane.configure(subscription, this.#deps.policyOf(subscription))
    if (!before) this.#loadLedger(member.lane)
    else if (!member.lane.isOrdered) {
      const dueAtMs = this.#deps.clock.now()
      for (const row of [...before.held()]) {
        member.lane.ledger?.wait(entityOf(row), { ...row, dueAtMs })
        this.#deps.settlements().waits({ ...row, dueAtMs })
      }
    }
    this.#index.remove(number)
    if (subscription.status === 'active') {
      this.#index.add(next)
      if (!wasActive) this.#readOwn(member.lane)
      this.#deps.dispatcher.pump(member.lane)
    } else if (wasActive) this.#pause(member.lane)
  }

  /** The progress rows that changed, for the next settlement. */
  changedProgress(): SubscriptionProgress[] {
    const rows: SubscriptionProgress[] = []
    const { watermark } = this.shared.tracker
    for (const lane of this.#unsettled) {
      if (lane.known.size > 0) this.#forgetKnown(lane)
      const row = lane.isRemoved
        ? undefined
        : lane.progress.changedRow(lane.subscription.number, this.#partition, watermark)
      if (row) rows.push(row)
      if (lane.isRemoved || (!lane.progress.followsShared && lane.known.size === 0)) this.#unsettled.delete(lane)
    }
    return rows
  }

  /** These rows of `changedProgress` could not be stored. */
  progressNotWritten(rows: readonly SubscriptionProgress[]): void {
    for (const row of rows) this.get(row.subscription)?.progress.notWritten()
  }

  /** What the watermark has passed is not read again. */
  #forgetKnown(lane: Lane): void {
    const settledTo = this.settledTo(lane.subscription.number)
    for (const position of lane.known) if (position <= settledTo) lane.known.delete(position)
  }

  /** A lane whose endpoint fails goes on in a loop of its own, so that it holds nobody back. */
  detach(lane: Lane): void {
    if (lane.progress.mode === 'shared' && !lane.isRemoved) this.#leave(lane, this.shared.tracker.readTo)
  }

  /** Events of the log that the subscription's reading has not considered yet. */
  behind(number: number): number {
    const lane = this.get(number)
    if (!lane) return 0
    const { latest, earliest } = this.#deps.log.bounds(this.#partition)
    const place = lane.progress.mode === 'own' ? lane.progress.own?.readTo : this.shared.tracker.readTo
    return Math.max(0, latest - Math.max(place ?? latest, earliest))
  }

  async stop(): Promise<void> {
    for (const loop of this.#ownLoops.values()) loop.stop()
    await this.shared.stop()
  }

  #add(subscription: Subscription): void {
    const { number } = subscription
    const start = this.#progress.get(number) ?? {
      mode: 'shared' as const,
      position: this.#deps.log.bounds(this.#partition).latest,
      sequence: 0,
    }
    this.#progress.delete(number)
    const lane = new Lane(subscription, this.#deps.policyOf(subscription), new LaneProgress(start))
    lane.progress.onTouched = () => this.#unsettled.add(lane)
    this.#unsettled.add(lane)
    for (const position of this.#known.get(number) ?? []) lane.known.add(position)
    this.#known.delete(number)
    const member: Member = { ...this.#compiled(subscription), lane }
    this.#members.set(number, member)
    this.#loadLedger(lane)
    if (subscription.status !== 'active') {
      if (lane.progress.mode === 'shared') {
        lane.progress.leave(Math.max(lane.progress.sharedFrom, this.shared.tracker.readTo))
      }
      return
    }
    this.#index.add(member)
    if (lane.progress.mode === 'own') this.#readOwn(lane)
  }

  /** What waits in the store, by entity, before anything newer of the same entities is sent. */
  #loadLedger(lane: Lane): void {
    const { ledger } = lane
    if (!ledger) return
    lane.isLoading = true
    this.#fillLedger(lane, ledger)
      .catch(this.#deps.onFailure)
      .finally(() => {
        lane.isLoading = false
        this.#deps.dispatcher.resume(lane)
      })
  }

  async #fillLedger(lane: Lane, ledger: EntityLedger): Promise<void> {
    // Attempts under way may clear rows while they are read.
    while (lane.inFlight > 0) await lane.quiet.wait()
    await this.#deps.settlements().flush()
    await loadLedger(this.#deps.store, lane.subscription.number, ledger)
  }

  #remove(member: Member): void {
    const { lane, subscription } = member
    this.#members.delete(subscription.number)
    this.#index.remove(subscription.number)
    this.#ownLoops.get(lane)?.stop()
    for (const delivery of lane.open) delivery.tracked?.tracker.settle(delivery.tracked.entry)
    lane.open.clear()
    this.#deps.dispatcher.forget(lane)
    this.#deps.store.forget(subscription.number).catch(this.#deps.onFailure)
  }

  #leave(lane: Lane, readTo: number): void {
    const own = lane.progress.leave(readTo)
    this.#track(
      [...lane.open].filter((delivery) => delivery.tracked?.tracker === this.shared.tracker),
      own,
    )
    this.#deps.settlements().touch()
    if (lane.subscription.status === 'active') this.#readOwn(lane)
  }

  /** Stops reading and takes back what no attempt was begun for: it costs one position, not a row per event. */
  #pause(lane: Lane): void {
    if (lane.progress.mode === 'shared') this.#leave(lane, this.shared.tracker.readTo)
    this.#ownLoops.get(lane)?.stop()
    this.#ownLoops.delete(lane)
    if (lane.policy.retriesWhileDisabled) {
      // What it was given before goes on, first attempts too: they would be missed by an enabling from now.
      this.#deps.settlements().touch()
      return
    }
    const dropped = lane.dropFresh()
    const first = dropped.reduce<(typeof dropped)[number] | undefined>(
      (lowest, delivery) => (lowest && lowest.event.position < delivery.event.position ? lowest : delivery),
      undefined,
    )
    if (first) {
      const resumeAfter = first.event.position - 1
      for (const delivery of dropped) lane.open.delete(delivery)
      // What is settled ahead of the place to resume at is read again, but not sent again.
      const unsettled = new Set([...dropped, ...lane.open].map(({ event }) => event.position))
      for (const position of lane.progress.givenAfter(resumeAfter)) {
        if (!unsettled.has(position)) lane.known.add(position)
      }
      const tracker = lane.progress.resumeAt(resumeAfter, (first.sequence ?? 1) - 1)
      for (const delivery of this.#carryOver(lane, tracker, resumeAfter)) lane.known.add(delivery.event.position)
    }
    this.#deps.settlements().touch()
  }

  /** Begins anew after `position`, once that is durable; attempts under way end as they end. */
  async #restart(lane: Lane, position: number): Promise<void> {
    this.#ownLoops.get(lane)?.stop()
    this.#ownLoops.delete(lane)
    const goesOn = lane.policy.retriesWhileDisabled && lane.subscription.status === 'disabled'
    // Going forward leaves what a disabled lane was given before in its queue; going back reads it again.
    if (!goesOn || (lane.progress.own?.readTo ?? position) > position) {
      for (const delivery of lane.dropFresh()) {
        delivery.tracked?.tracker.settle(delivery.tracked.entry)
        lane.open.delete(delivery)
      }
    }
    lane.known.clear()
    const tracker = lane.progress.restart(position)
    this.#carryOver(lane, tracker, position)
    this.#deps.settlements().touch()
    await this.#deps.settlements().flush()
    // What had ended is attempted again; rows of the replay itself come after this.
    await this.#deps.store.reopen({
      subscription: lane.subscription.number,
      partition: this.#partition,
      after: position,
    })
    const isCurrent = lane.progress.own === tracker && !lane.isRemoved
    if (isCurrent && lane.subscription.status === 'active') this.#readOwn(lane)
  }

  /** Attempts under way at or before `position` hold the new tracker back. Returns those after it, which it reads again. */
  #carryOver(lane: Lane, tracker: Tracker, position: number): PendingDelivery[] {
    const underWay = [...lane.open]
    this.#track(
      underWay.filter((delivery) => delivery.event.position <= position),
      tracker,
    )
    const ahead = underWay.filter((delivery) => delivery.event.position > position)
    for (const delivery of ahead) {
      delivery.tracked?.tracker.settle(delivery.tracked.entry)
      delivery.tracked = null
      lane.open.delete(delivery)
    }
    return ahead
  }

  /** Moves deliveries from their trackers to another. */
  #track(deliveries: PendingDelivery[], tracker: Tracker): void {
    for (const delivery of deliveries.sort((a, b) => a.event.position - b.event.position)) {
      const before = delivery.tracked
      delivery.tracked = { tracker, entry: tracker.open(delivery.event.position, 1) }
      before?.tracker.settle(before.entry)
    }
  }

  #readOwn(lane: Lane): void {
    const tracker: Tracker | null = lane.progress.own
    if (!tracker || this.#ownLoops.has(lane)) return
    const loop = new OwnLoop(
      {
        ...this.#deps,
        partition: this.#partition,
        settlements: this.#deps.settlements(),
        matches: (of, event) => this.#matches(of, event),
        isKnown: (of, position) => of.known.has(position),
        sharedReadTo: () => this.shared.tracker.readTo,
      },
      lane,
      tracker,
    )
    this.#ownLoops.set(lane, loop)
    const isFarBehind = this.#deps.log.bounds(this.#partition).latest - tracker.readTo >= farBehind
    void loop.run().finally(() => {
      if (this.#ownLoops.get(lane) !== loop) return
      this.#ownLoops.delete(lane)
      if (isFarBehind && lane.progress.mode === 'shared') this.#deps.caughtUp(lane.subscription)
    })
  }

  #compiled(subscription: Subscription): CompiledSubscription {
    return compileSubscription(subscription, (type) => this.#deps.isNamed(type, subscription.dialect))
  }

  #matches(lane: Lane, event: StoredEvent): boolean {
    const member = this.#members.get(lane.subscription.number)
    return member !== undefined && isMatch(member, event, this.#deps.grants)
  }
}
