import type { AttemptOutcome } from '../../core/delivery/attempt-outcome.ts'
import type { WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Gate, Lane } from '../queue/lane.ts'
import { type PendingDelivery, settle, waitingRow } from '../queue/pending-delivery.ts'
import type { Settlements } from '../settling/settlements.ts'
import { EntityLedger, heldDueMs } from './entity-ledger.ts'
import { entityOf, isReplaceable } from './entity-order.ts'

export interface EntityFlowDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly settlements: Pick<Settlements, 'waits' | 'ended' | 'afterNextWrite'>
  /** What was held back for an entity may be attempted now. */
  readonly ready: (lane: Lane) => void
}

/**
 * How deliveries of one entity follow each other in one lane, where its subscription asks for it.
 *
 * `ordering: entity`: one at a time, oldest first; while one waits for its retry, newer ones of its
 * entity are held as rows behind it, and other entities go on. `coalesce: latest`: a newer one takes
 * the place of those that wait.
 */
export class EntityFlow implements Gate {
  readonly ledger = new EntityLedger()
  /** Its ledger is being read from the store; nothing is attempted meanwhile. */
  isLoading = true
  readonly #deps: EntityFlowDeps
  readonly #lane: Lane

  constructor(deps: EntityFlowDeps, lane: Lane) {
    this.#deps = deps
    this.#lane = lane
  }

  mayBegin(delivery: PendingDelivery): boolean {
    return !this.isLoading && (!this.#isOrdered || !this.ledger.isUnderWay(entityOf(delivery.event)))
  }

  begun(delivery: PendingDelivery): void {
    this.ledger.begin(entityOf(delivery.event))
  }

  /** The newer event replaces the waiting ones of its entity, or waits behind them. False: it is not due any more. */
  offer(delivery: PendingDelivery): boolean {
    const entity = entityOf(delivery.event)
    const { position } = delivery.event
    const isWaiting = this.ledger.waitingOf(entity).some((row) => row.position === position)
    if (delivery.origin === 'retry') {
      // Superseded between the look into the store and now.
      if (!isWaiting) return false
      this.#offerInTurn(delivery)
      return true
    }
    if (isWaiting) {
      // A replay brings what waits already: its row gives way.
      this.ledger.forget(entity, position)
      this.#lane.dropRetry(position)
    }
    if (this.#lane.subscription.coalesce === 'latest') this.#replaceOlder(delivery)
    this.#offerInTurn(delivery)
    return true
  }

  /** A failed attempt's row, unless a newer event of its entity replaces it; what is queued behind it waits too. */
  wait(row: WaitingDelivery): void {
    const entity = entityOf(row)
    if (this.#isReplaced(row)) {
      this.#supersede(row)
      return
    }
    this.remember(row)
    this.#deps.settlements.waits(row)
    if (!this.#isOrdered) return
    for (const queued of this.#takeQueuedOf(entity, () => true)) {
      // A replay of the very event that waits now: one row serves both.
      if (queued.event.position === row.position) settle(queued)
      else this.#hold(queued)
    }
  }

  /** A row that waits, which the store has or will have. */
  remember(row: WaitingDelivery): void {
    this.ledger.wait(entityOf(row), row)
  }

  /**
   * The next delivery of an ordered entity begins once this one's outcome is durable: otherwise a
   * crash could send this one again after a newer one was accepted (invariant 6).
   */
  end(delivery: PendingDelivery, outcome: AttemptOutcome): void {
    const entity = entityOf(delivery.event)
    if (outcome.kind !== 'retry') this.ledger.forget(entity, delivery.event.position)
    if (this.#isOrdered) this.#endWhenDurable(entity)
    else this.ledger.end(entity)
  }

  /** Ends it without an outcome: its event must not be sent any more. */
  giveUp(delivery: PendingDelivery): void {
    const entity = entityOf(delivery.event)
    this.ledger.forget(entity, delivery.event.position)
    this.ledger.end(entity)
    this.#release(entity)
  }

  /** After its rows were read: a crash may have come between an outcome and the release of what was held behind it. */
  resume(): void {
    this.isLoading = false
    for (const entity of [...this.ledger.entities()]) this.#release(entity)
    // What came meanwhile takes its turn now that its elders are known.
    for (const delivery of [...this.#lane.dropRetries(), ...this.#lane.dropFresh()]) this.offer(delivery)
  }

  /** Order matters no more: what was held behind an older delivery of its entity is due now. */
  releaseHeld(): void {
    const dueAtMs = this.#deps.clock.now()
    for (const row of [...this.ledger.held()]) {
      this.remember({ ...row, dueAtMs })
      this.#deps.settlements.waits({ ...row, dueAtMs })
    }
  }

  get #isOrdered(): boolean {
    return this.#lane.subscription.ordering === 'entity'
  }

  #isReplaced(row: WaitingDelivery): boolean {
    if (this.#lane.subscription.coalesce !== 'latest' || !isReplaceable(row)) return false
    const entity = entityOf(row)
    return this.#lane.hasQueued(({ event }) => event.position > row.position && entityOf(event) === entity)
  }

  /** Those that wait or are queued for the delivery's entity, and are older, are not sent any more. */
  #replaceOlder({ event }: PendingDelivery): void {
    const entity = entityOf(event)
    for (const row of this.ledger.waitingOf(entity)) {
      if (row.position < event.position && isReplaceable(row)) this.#supersede(row)
    }
    const isOlder = (queued: PendingDelivery) => queued.event.position < event.position && isReplaceable(queued.event)
    for (const older of this.#takeQueuedOf(entity, isOlder)) {
      this.#supersede(waitingRow(this.#lane.number, older, this.#deps.clock.now()))
      settle(older)
      if (!this.#isOrdered) continue
      // Until it is durable that the older one is not sent, the newer one must not be accepted.
      this.ledger.begin(entity)
      this.#endWhenDurable(entity)
    }
    if (this.#isOrdered) this.#release(entity)
  }

  #offerInTurn(delivery: PendingDelivery): void {
    const oldest = this.ledger.oldestOf(entityOf(delivery.event))
    const isBehind = this.#isOrdered && oldest !== undefined && oldest.position < delivery.event.position
    if (isBehind) this.#hold(delivery)
    else this.#lane.push(delivery)
  }

  /** Makes it wait, durably, for the older delivery of its entity: a failing entity holds back only itself. */
  #hold(delivery: PendingDelivery): void {
    const row = waitingRow(this.#lane.number, delivery, heldDueMs)
    this.remember(row)
    this.#deps.settlements.waits(row)
    settle(delivery)
  }

  #supersede(row: WaitingDelivery): void {
    this.ledger.forget(entityOf(row), row.position)
    this.#lane.dropRetry(row.position)
    this.#deps.settlements.ended({ ...row, dueAtMs: this.#deps.clock.now(), status: 'superseded' })
  }

  #endWhenDurable(entity: string): void {
    this.#deps.settlements.afterNextWrite(() => {
      this.ledger.end(entity)
      this.#release(entity)
      this.#deps.ready(this.#lane)
    })
  }

  /** Lets the oldest held delivery of an entity go. */
  #release(entity: string): void {
    const next = this.ledger.oldestOf(entity)
    if (this.#lane.isClosed || this.ledger.isUnderWay(entity) || next?.dueAtMs !== heldDueMs) return
    const row = { ...next, dueAtMs: this.#deps.clock.now() }
    this.remember(row)
    this.#deps.settlements.waits(row)
  }

  #takeQueuedOf(entity: string, fits: (delivery: PendingDelivery) => boolean): PendingDelivery[] {
    return this.#lane.takeQueued((delivery) => entityOf(delivery.event) === entity && fits(delivery))
  }
}
