import { deliveryOf } from '../core/delivery/delivery.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { Lease } from '../core/delivery/lease.ts'
import { shareOf } from '../core/delivery/shares.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { onlyPartition } from '../core/event/partition.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Contents } from '../deliver/attempt.ts'
import { type DispatchEvent, Dispatcher, type LaneEvent } from '../deliver/dispatcher.ts'
import type { DueStore } from '../deliver/due-store.ts'
import { Entities } from '../deliver/entities/entities.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'
import { nextAttemptAtMs } from '../deliver/next-attempt.ts'
import type { Lane } from '../deliver/queue/lane.ts'
import { Retries } from '../deliver/retries.ts'
import { Settlements } from '../deliver/settling/settlements.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import { sendTest } from '../deliver/test-delivery.ts'
import { Turns } from '../deliver/turns/turns.ts'
import type { EventLog } from '../log/event-log.ts'
import { type CompiledSubscription, compileSubscription, isGranted } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'
import type { Sender } from '../send/sender.ts'
import type { TransportResult } from '../send/transport.ts'
import { type DeletedSubscriptions, Deletions } from './deletions.ts'
import { type EventStanding, eventStandingOf } from './event-standing.ts'
import { type GrantHistories, LeftOut } from './left-out.ts'
import { type Policies, Readership, type TypeList } from './readership.ts'
import { StoredPlaces } from './stored-places.ts'
import { Tracker } from './tracker.ts'
import { UnwrittenProgress } from './unwritten-progress.ts'

export interface WebhooksDeps {
  readonly log: EventLog
  /** Of the shares whose subscriptions it reads and sends for. */
  readonly lease: Lease
  readonly settling: SettlingStore
  readonly deleted: DeletedSubscriptions
  readonly due: DueStore
  readonly history: HistoryStore
  readonly clock: Clock
  readonly random: () => number
  readonly sender: Sender
  readonly contents: Contents
  readonly grants: Grants
  readonly histories: GrantHistories
  readonly names: TypeList
  readonly policies: Policies
  /** Attempts under way at once, in the whole process. */
  readonly attempts: number
  /** All that are stored when it opens. */
  readonly subscriptions: Iterable<Subscription>
  readonly onFailure: (error: unknown) => void
}

/** What webhooks tell of themselves. */
export type WebhookEvent =
  | Exclude<DispatchEvent, LaneEvent>
  /** A subscription that was far behind has caught up. */
  | { readonly kind: 'caught up'; readonly subscription: Subscription }

/** How a subscription's endpoint fares. */
export interface EndpointState {
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly inFlight: number
}

/** Webhooks from the log to the receivers: the loops that read, the lanes, the attempts and what became of them. */
export class Webhooks {
  readonly readership: Readership
  readonly leftOut: LeftOut
  readonly #deps: WebhooksDeps
  readonly #shared: Tracker
  readonly #settlements: Settlements
  readonly #turns: Turns<Lane>
  readonly #entities: Entities
  readonly #dispatcher: Dispatcher
  readonly #retries: Retries
  readonly #deletions: Deletions
  readonly #strangers: readonly number[]

  private constructor(deps: WebhooksDeps, places: StoredPlaces) {
    const partition = onlyPartition
    const { lease, log, settling, due, clock, grants, onFailure } = deps
    const { shares } = lease
    this.#deps = deps
    const shared = new Tracker(places.watermark)
    const unwritten = new UnwrittenProgress(partition, shared)
    const settlements = new Settlements({ store: settling, lease, clock, progress: unwritten, onFailure })
    const turns = new Turns<Lane>(clock, deps.attempts)
    const entities = new Entities({ ...deps, settlements })
    // A grant may have gone since the event was matched: nothing reaches an integration after that (invariant 7).
    const permission = { maySend: (to: Subscription, event: StoredEvent) => isGranted(to, event, grants) }
    const dispatcher = new Dispatcher({ ...deps, turns, entities, settlements, permission })
    this.#retries = new Retries({ shares, log, due, clock, turns, entities, dispatcher, settlements, onFailure })
    this.readership = new Readership({ ...deps, dispatcher, settlements, partition, places, shared, unwritten })
    this.leftOut = new LeftOut({ ...deps, settlements, partition }, this.readership)
    this.#deletions = new Deletions({ ...deps, settlements })
    this.#strangers = places.strangers
    this.#shared = shared
    this.#settlements = settlements
    this.#turns = turns
    this.#entities = entities
    this.#dispatcher = dispatcher
  }

  /** Takes up where the last run stopped; nothing is read before `start`. */
  static async open(deps: WebhooksDeps): Promise<Webhooks> {
    // What another node has appended counts: how far the log goes tells which sequences the run before may have given.
    await deps.log.refresh()
    return new Webhooks(
      deps,
      await StoredPlaces.load({ ...deps, shares: deps.lease.shares }, onlyPartition, deps.subscriptions),
    )
  }

  onEvent(listener: (event: WebhookEvent) => void): void {
    this.#dispatcher.onEvent((event) => {
      if (!('lane' in event)) listener(event)
    })
    this.readership.onCaughtUp((subscription) => listener({ kind: 'caught up', subscription }))
  }

  start(): void {
    this.readership.start()
    this.#retries.start()
    this.#deletions.start(this.#strangers)
  }

  /** Follows the registry. What another owner's share holds is left to it. */
  apply(number: number, subscription: Subscription | null): void {
    if (!this.#deps.lease.shares.has(shareOf(number))) return
    this.readership.apply(number, subscription)
    if (!subscription) void this.#deletions.finish(number)
    this.#retries.look()
  }

  get attemptsUnderWay(): number {
    return this.#turns.underWay
  }

  /** Events of the log that the shared loop has not settled. */
  get lag(): number {
    return this.#deps.log.bounds(onlyPartition).latest - this.#shared.watermark
  }

  /** Resolves when everything that was settled is in the store, or was refused by it. */
  flush(): Promise<void> {
    return this.#settlements.flush()
  }

  /**
   * Sends deliveries again now, whatever became of them; resolves when that is durable.
   * @throws what the store refused it with; they are sent all the same, unless a crash comes before it is written
   */
  async resend(rows: readonly DeliveryRow[]): Promise<void> {
    const nowMs = this.#deps.clock.now()
    for (const row of rows) {
      const waiting = {
        ...deliveryOf(row),
        attempts: row.attempts,
        firstAttemptAtMs: row.lastAttempt?.atMs ?? nowMs,
        dueAtMs: nowMs,
      }
      const lane = this.#dispatcher.lane(row.subscription)
      // Deleted since it was listed.
      if (!lane) continue
      this.#entities.flowOf(lane)?.remember(waiting)
      this.#settlements.waits(waiting)
    }
    await this.#settlements.durable()
    this.#retries.look()
  }

  /** When the next attempt may be made, were all there is room for it; null: nothing waits. */
  nextAttemptAtMs(): Promise<number | null> {
    const { lease, due, clock } = this.#deps
    const nextDueMs = (excluding: ReadonlySet<number>) => due.nextDueMs({ shares: lease.shares, excluding })
    return nextAttemptAtMs([...this.#dispatcher.lanes()], this.#turns, nextDueMs, clock.now())
  }

  /** The subscription as events are matched with it. */
  compiled(subscription: Subscription): CompiledSubscription {
    const { names } = this.#deps
    const isNamed = (type: string) => names.nameOf(type, subscription.dialect) !== undefined
    return this.readership.compiled(subscription.number) ?? compileSubscription(subscription, isNamed)
  }

  endpointOf({ number }: Subscription): EndpointState {
    const lane = this.#dispatcher.lane(number)
    if (!lane) return { breaker: 'closed', inFlight: 0 }
    return { breaker: this.#turns.breakerOf(lane), inFlight: lane.inFlight }
  }

  eventStandingOf({ number }: Subscription, { position }: StoredEvent): EventStanding {
    const reader = this.readership.reader(number)
    const rest = reader ? this.#turns.restOf(reader.lane, this.#deps.clock.now()) : null
    return eventStandingOf(reader, this.readership.reading(number), rest, position)
  }

  /** One request for an event that is not in the log, judged as an attempt is; nothing of it is kept. */
  test(subscription: Subscription, event: StoredEvent): Promise<TransportResult> {
    return sendTest(this.#deps, subscription, this.#deps.policies.policyOf(subscription), event)
  }

  /** Ends the attempts under way and writes what became of them. */
  async stop(): Promise<void> {
    this.#deletions.stop()
    await Promise.all([this.readership.stop(), this.#retries.stop()])
    await this.#dispatcher.stop()
    await this.#settlements.flush()
  }
}
