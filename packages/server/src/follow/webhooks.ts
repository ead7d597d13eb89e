import { attemptOutcome } from '../core/delivery/attempt-outcome.ts'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { deliveryOf } from '../core/delivery/delivery.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import { withSpan } from '../core/delivery/skipped-span.ts'
import type { WebhookDialect, WebhookPolicy } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { Dispatcher, type HealthListener } from '../deliver/dispatcher.ts'
import type { DueStore } from '../deliver/due-store.ts'
import { entityOf } from '../deliver/entities/entity-order.ts'
import type { HistoryStore } from '../deliver/history-store.ts'
import type { PendingDelivery } from '../deliver/pending-delivery.ts'
import { Retries } from '../deliver/retries.ts'
import { Settlements } from '../deliver/settlements.ts'
import type { SettlingStore } from '../deliver/settling-store.ts'
import { Slots } from '../deliver/turns/slots.ts'
import type { EventLog } from '../log/event-log.ts'
import { type CompiledSubscription, compileSubscription, isGranted } from '../match/compiled-subscription.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import type { Grants } from '../match/grants.ts'
import type { Sender } from '../send/sender.ts'
import type { TransportResult } from '../send/transport.ts'
import { type DeliveryInputSources, inputOf } from './delivery-input.ts'
import { type EventStanding, eventStandingOf } from './event-standing.ts'
import { Lanes } from './lanes.ts'
import { type MissedSpan, missedSpans } from './missed.ts'
import { type Asker, isWithheld, type NotGranted, withheldEvents, withheldNow } from './not-granted.ts'

export interface WebhooksDeps extends DeliveryInputSources {
  readonly log: EventLog
  readonly settling: SettlingStore
  readonly due: DueStore
  readonly history: HistoryStore
  readonly clock: Clock
  readonly random: () => number
  readonly sender: Sender
  readonly grants: Grants
  /** The grants of an integration, with those that have ended. */
  readonly grantHistoryOf: (integrationId: string) => GrantHistory
  /** Attempts under way at once, in the whole process. */
  readonly attempts: number
  readonly types: () => Iterable<string>
  /** All that are stored when it opens. */
  readonly subscriptions: () => Iterable<Subscription>
  readonly dialectOf: (subscription: Subscription) => WebhookDialect
  readonly health: Omit<HealthListener, 'opened'>
  readonly observe: (record: AttemptRecord, subscription: Subscription) => void
  /** A subscription that was behind has caught up. */
  readonly caughtUp: (subscription: Subscription) => void
  readonly onFailure: (error: unknown) => void
}

/** Webhooks from the log to the receivers: the loops that read, the lanes, the attempts and what became of them. */
export class Webhooks {
  readonly lanes: Lanes
  readonly #deps: WebhooksDeps
  readonly #settlements: Settlements
  readonly #dispatcher: Dispatcher
  readonly #retries: Retries
  readonly #slots: Slots

  private constructor(
    deps: WebhooksDeps,
    parts: { lanes: Lanes; settlements: Settlements; dispatcher: Dispatcher; retries: Retries; slots: Slots },
  ) {
    this.#deps = deps
    this.lanes = parts.lanes
    this.#settlements = parts.settlements
    this.#dispatcher = parts.dispatcher
    this.#retries = parts.retries
    this.#slots = parts.slots
  }

  /** Takes up where the last run stopped; nothing is read before `start`. */
  static async open(deps: WebhooksDeps): Promise<Webhooks> {
    const partition = deps.log.partitions[0] ?? 0
    const slots = new Slots(deps.attempts)
    // Settlements, dispatcher and lanes know each other; what is read through these is set before anything runs.
    let lanes: Lanes
    let retries: Retries
    const settlements: Settlements = new Settlements({
      store: deps.settling,
      clock: deps.clock,
      snapshot: () => ({
        watermarks: [{ partition, position: lanes.shared.tracker.watermark }],
        progress: lanes.changedProgress(),
      }),
      onFailure: deps.onFailure,
      onWritten: (settlement) => retries.written(settlement),
      onNotWritten: (settlement) => lanes.progressNotWritten(settlement.progress),
    })
    const dispatcher = new Dispatcher({
      clock: deps.clock,
      random: deps.random,
      sender: deps.sender,
      settlements,
      slots,
      health: { ...deps.health, opened: (lane) => lanes.detach(lane) },
      // A grant may have gone since the event was matched: nothing reaches an integration after that (invariant 7).
      maySend: (subscription, delivery) => isGranted(subscription, delivery.event, deps.grants),
      inputOf: (subscription, delivery) => inputOf(deps, subscription, delivery),
      observe: deps.observe,
      onFailure: deps.onFailure,
    })
    lanes = await Lanes.open(
      {
        log: deps.log,
        settling: deps.settling,
        due: deps.due,
        history: deps.history,
        clock: deps.clock,
        grants: deps.grants,
        types: deps.types,
        isNamed: (type, dialect) => deps.nameOf(type, dialect) !== undefined,
        policyOf: (subscription) => policyOf(deps, subscription),
        dispatcher,
        settlements: () => settlements,
        caughtUp: deps.caughtUp,
        onFailure: deps.onFailure,
      },
      partition,
      deps.subscriptions(),
    )
    retries = new Retries({
      log: deps.log,
      due: deps.due,
      clock: deps.clock,
      dispatcher,
      settlements,
      lanes: () => lanes.all(),
      laneOf: (number) => lanes.get(number),
      onFailure: deps.onFailure,
    })
    return new Webhooks(deps, { lanes, settlements, dispatcher, retries, slots })
  }

  start(): void {
    this.lanes.shared.start()
    this.#retries.start()
  }

  /** Follows the registry. */
  apply(number: number, subscription: Subscription | null): void {
    this.lanes.apply(number, subscription)
    this.#retries.look()
  }

  get attemptsUnderWay(): number {
    return this.#slots.used
  }

  /** Events of the log that the shared loop has not settled. */
  get lag(): number {
    const partition = this.#deps.log.partitions[0] ?? 0
    return this.#deps.log.bounds(partition).latest - this.lanes.shared.tracker.watermark
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
      this.lanes.get(row.subscription)?.ledger?.wait(entityOf(row), waiting)
      this.#settlements.waits(waiting)
    }
    await this.#settlements.durable()
    this.#retries.look()
  }

  /** The subscription as events are matched with it. */
  compiled(subscription: Subscription): CompiledSubscription {
    const { nameOf } = this.#deps
    const current = this.lanes.get(subscription.number)?.subscription ?? subscription
    return compileSubscription(current, (type) => nameOf(type, current.dialect) !== undefined)
  }

  eventStandingOf({ number }: Subscription, { position }: StoredEvent): EventStanding {
    return eventStandingOf(this.lanes.readerOf(number), this.lanes.reading(number), position, this.#deps.clock.now())
  }

  /** The spans that a subscription's reading skipped, newest first. */
  async missed(subscription: Subscription): Promise<readonly MissedSpan[]> {
    const { log, due, grants, clock } = this.#deps
    const partition = log.partitions[0] ?? 0
    const reading = this.lanes.reading(subscription.number)
    if (!reading) return []
    await this.#settlements.flush()
    // Dropped before it was read: one that is disabled or paused hears of it only when it goes on.
    const lost = { after: reading.readTo, to: log.bounds(partition).earliest, atMs: clock.now() }
    const spans = withSpan(reading.skipped, { ...lost, reason: 'retention', isReadAgain: false })
    const compiled = this.#compiledWhole(subscription)
    const history = this.#deps.grantHistoryOf(subscription.integrationId)
    const question = { compiled, isWithheld: (event: StoredEvent) => isWithheld(compiled, event, history) }
    return missedSpans({ log, due, grants, partition }, question, spans)
  }

  /**
   * Of what a subscription has read, the events that were not sent for want of a grant; null: there are none.
   * Reads at most `cap` events of the log, the newest ones.
   */
  async notGranted(subscription: Subscription, cap: number, asker: Asker): Promise<NotGranted | null> {
    const { log, due, grants, grantHistoryOf } = this.#deps
    const partition = log.partitions[0] ?? 0
    const history = grantHistoryOf(subscription.integrationId)
    if (!history.hasEnded) return null
    await this.#settlements.flush()
    const to = this.lanes.reading(subscription.number)?.readTo ?? 0
    const after = await log.positionBefore(partition, Date.parse(subscription.createdAt))
    const compiled = this.#compiledWhole(subscription)
    return withheldEvents({ log, due, grants, partition }, compiled, history, { after, to }, cap, asker)
  }

  /** Of the events after a position, those that are not sent when they are read again now; null: there are none. */
  async notGrantedAfter(subscription: Subscription, after: number, cap: number): Promise<NotGranted | null> {
    const { log, due, grants, grantHistoryOf } = this.#deps
    const partition = log.partitions[0] ?? 0
    const history = grantHistoryOf(subscription.integrationId)
    const span = { after, to: log.bounds(partition).latest }
    return withheldNow({ log, due, grants, partition }, this.compiled(subscription), history, span, cap)
  }

  /** A rewind of some topics has put a floor under the others; what they missed is missed all the same. */
  #compiledWhole(subscription: Subscription): CompiledSubscription {
    return { ...this.compiled(subscription), subscription: { ...subscription, topicFloors: null } }
  }

  /** One request for an event that is not in the log, judged as an attempt is; nothing of it is kept. */
  async test(subscription: Subscription, event: StoredEvent): Promise<TransportResult> {
    const { clock, sender } = this.#deps
    const delivery: PendingDelivery = {
      event,
      sequence: null,
      attempts: 0,
      firstAttemptAtMs: null,
      origin: 'retry',
      whenSettled: null,
      mayHaveRow: false,
      offeredAtMs: clock.now(),
    }
    const input = await inputOf(this.#deps, subscription, delivery)
    const result = await sender.send(subscription, () => [input], clock.now(), 'unknown')
    if (!result) throw new Error('a test delivery is always due')
    const facts = { ...result, attempts: 1, nowMs: clock.now(), random: 0 }
    const outcome = attemptOutcome(policyOf(this.#deps, subscription), facts)
    return { ...result, error: outcome.kind === 'delivered' ? null : outcome.error }
  }

  /** Ends the attempts under way and writes what became of them. */
  async stop(): Promise<void> {
    await Promise.all([this.lanes.stop(), this.#retries.stop()])
    await this.#dispatcher.stop()
    await this.#settlements.flush()
  }
}

function policyOf({ dialectOf }: WebhooksDeps, subscription: Subscription): WebhookPolicy {
  const dialect = dialectOf(subscription)
  return dialect.policyOf?.(subscription) ?? dialect.policy
}
