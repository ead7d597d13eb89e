import { deliveryTo, type WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { StoredEvent } from '../../core/event/event.ts'

/** Who waits for a delivery to be settled: delivered, durably waiting for a retry, or ended. */
export interface WhenSettled {
  /** Once or more often; only the first call of a delivery counts. */
  settled(delivery: PendingDelivery): void
}

/** A delivery in memory, from its match or its retry until it is settled. */
export interface PendingDelivery {
  readonly event: StoredEvent
  readonly sequence: number | null
  /** Attempts made so far. */
  attempts: number
  firstAttemptAtMs: number | null
  /** `loop`: matched by a reading loop. `retry`: its waiting row fell due, or it was resent. */
  readonly origin: 'loop' | 'retry'
  /** Its event was read as it was published, not later from the log. */
  readonly isLive: boolean
  /** The reading that it holds back until it is settled; null for retries. */
  readonly whenSettled: WhenSettled | null
  /** The store may hold a row of it, of before: it is to be cleared on success. */
  readonly mayHaveRow: boolean
  /** When it was put into its lane. */
  readonly offeredAtMs: number
}

/** What the store keeps of it while it waits. */
export function waitingRow(subscription: number, delivery: PendingDelivery, dueAtMs: number): WaitingDelivery {
  return {
    ...deliveryTo(subscription, delivery.event, delivery.sequence),
    attempts: delivery.attempts,
    firstAttemptAtMs: delivery.firstAttemptAtMs ?? 0,
    dueAtMs,
  }
}

/** Lets whoever waits for it go on. */
export function settle(delivery: PendingDelivery): void {
  delivery.whenSettled?.settled(delivery)
}
