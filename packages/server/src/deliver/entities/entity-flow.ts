import type { AttemptOutcome } from '../../core/delivery/attempt-outcome.ts'
import type { WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Lane } from '../lane.ts'
import { type PendingDelivery, settle, waitingRow } from '../pending-delivery.ts'
import type { Settlements } from '../settlements.ts'
import { type EntityLedger, heldDueMs } from './entity-ledger.ts'
import { entityOf, isReplaceable } from './entity-order.ts'

export interface EntityFlowDeps {
  readonly clock: Clock
  readonly settlements: Settlements
  readonly pump: (lane: Lane) => void
}

/**
 * How deliveries of one entity follow each other, where a subscription asks for it.
 *
 * `ordering: entity`: one at a time, oldest first; while one waits for its retry, newer ones of its
 * entity are held as rows behind it, and other entities go on. `coalesce: latest`: a newer one takes
 * the place of those that wait.
 */
export class EntityFlow {
  readonly #deps: EntityFlowDeps

  constructor(deps: EntityFlowDeps) {
    this.#deps = deps
  }

  /** The newer event replaces the waiting ones of its entity, or waits behind them. False: it is not due any more. */
  offer(lane: Lane, ledger: EntityLedger, delivery: PendingDelivery): boolean {
    const entity = entityOf(delivery.event)
    const { position } = delivery.event
    const isWaiting = ledger.waitingOf(entity).some((row) => row.position === position)
    if (delivery.origin === 'retry') {
      // Superseded between the look into the store and now.
      if (!isWaiting) return false
      this.#offerInTurn(lane, ledger, delivery)
      return true
    }
    if (isWaiting) {
      // A replay brings what waits already: its row gives way.
      ledger.forget(entity, position)
      lane.dropRetry(position)
    }
    if (lane.isCoalescing) {
      for (const row of ledger.waitingOf(entity)) {
        if (row.position < delivery.event.position && isReplaceable(row)) this.#supersede(lane, ledger, row)
      }
      for (const older of lane.takeQueuedOf(
        entity,
        (queued) => queued.event.position < position && isReplaceable(queued.event),
      )) {
        this.#supersede(lane, ledger, waitingRow(lane.subscription.number, older, this.#deps.clock.now()))
        settle(older)
        if (!lane.isOrdered) continue
        // Until it is durable that the older one is not sent, the newer one must not be accepted.
        ledger.begin(entity)
        this.#endWhenDurable(lane, ledger, entity)
      }
      if (lane.isOrdered) this.#release(lane, ledger, entity)
    }
    this.#offerInTurn(lane, ledger, delivery)
    return true
  }

  #offerInTurn(lane: Lane, ledger: EntityLedger, delivery: PendingDelivery): void {
    const oldest = ledger.oldestOf(entityOf(delivery.event))
    const isBehind = lane.isOrdered && oldest !== undefined && oldest.position < delivery.event.position
    if (isBehind) this.#hold(lane, ledger, delivery)
    else lane.offer(delivery)
  }

  /** Makes it wait, durably, for the older delivery of its entity: a failing entity holds back only itself. */
  #hold(lane: Lane, ledger: EntityLedger, delivery: PendingDelivery): void {
    const row = waitingRow(lane.subscription.number, delivery, heldDueMs)
    ledger.wait(entityOf(delivery.event), row)
    this.#deps.settlements.waits(row)
    settle(delivery)
  }

  #supersede(lane: Lane, ledger: EntityLedger, row: WaitingDelivery): void {
    ledger.forget(entityOf(row), row.position)
    lane.dropRetry(row.position)
    this.#deps.settlements.ended({ ...row, dueAtMs: this.#deps.clock.now(), status: 'superseded' })
  }

  /** A failed attempt's row, unless a newer event of its entity replaces it; what is queued behind it waits too. */
  wait(lane: Lane, ledger: EntityLedger, row: WaitingDelivery): void {
    const entity = entityOf(row)
    const isReplaced = lane.isCoalescing && isReplaceable(row) && lane.hasQueuedAfter(entity, row.position)
    if (isReplaced) {
      this.#supersede(lane, ledger, row)
      return
    }
    ledger.wait(entity, row)
    this.#deps.settlements.waits(row)
    if (!lane.isOrdered) return
    for (const queued of lane.takeQueuedOf(entity, () => true)) {
      // A replay of the very event that waits now: one row serves both.
      if (queued.event.position === row.position) settle(queued)
      else this.#hold(lane, ledger, queued)
    }
  }

  /**
   * The next delivery of an ordered entity begins once this one's outcome is durable: otherwise a
   * crash could send this one again after a newer one was accepted (invariant 6).
   */
  end(lane: Lane, ledger: EntityLedger, delivery: PendingDelivery, outcome: AttemptOutcome): void {
    const entity = entityOf(delivery.event)
    if (outcome.kind !== 'retry') ledger.forget(entity, delivery.event.position)
    if (lane.isOrdered) this.#endWhenDurable(lane, ledger, entity)
    else ledger.end(entity)
  }

  #endWhenDurable(lane: Lane, ledger: EntityLedger, entity: string): void {
    this.#deps.settlements.afterNextWrite(() => {
      ledger.end(entity)
      this.#release(lane, ledger, entity)
      this.#deps.pump(lane)
    })
  }

  /** After its rows were read: a crash may have come between an outcome and the release of what was held behind it. */
  resume(lane: Lane, ledger: EntityLedger): void {
    for (const entity of [...ledger.entities()]) this.#release(lane, ledger, entity)
  }

  /** Lets the oldest held delivery of an entity go. */
  #release(lane: Lane, ledger: EntityLedger, entity: string): void {
    const next = ledger.oldestOf(entity)
    if (lane.isRemoved || ledger.isUnderWay(entity) || next?.dueAtMs !== heldDueMs) return
    const row = { ...next, dueAtMs: this.#deps.clock.now() }
    ledger.wait(entity, row)
    this.#deps.settlements.waits(row)
  }

  /** Ends it without an outcome: its event must not be sent any more. */
  giveUp(lane: Lane, ledger: EntityLedger, delivery: PendingDelivery): void {
    const entity = entityOf(delivery.event)
    ledger.forget(entity, delivery.event.position)
    ledger.end(entity)
    this.#release(lane, ledger, entity)
  }
}
