import type { StoredEvent } from '../core/event/event.ts'
import type { WaitingDelivery } from './delivery-store.ts'
import type { TrackedEvent, Tracker } from './tracker.ts'

/** A delivery in memory, from its match or its retry until it is settled. */
export interface PendingDelivery {
  readonly event: StoredEvent
  readonly sequence: number | null
  /** Attempts made so far. */
  attempts: number
  firstAttemptAtMs: number | null
  /** `loop`: matched by a reading loop. `retry`: its waiting row fell due, or it was resent. */
  readonly origin: 'loop' | 'retry'
  /** The reading loop that it holds back until it is settled; null for retries. */
  tracked: { readonly tracker: Tracker; readonly entry: TrackedEvent } | null
  /** The store may hold a row of it, of before: it is to be cleared on success. */
  readonly mayHaveRow: boolean
  /** When it was put into its lane. */
  readonly offeredAtMs: number
}

/** What the store keeps of it while it waits. */
export function waitingRow(subscription: number, delivery: PendingDelivery, dueAtMs: number): WaitingDelivery {
  const { partition, position, topic, type, tenantId, entityKey } = delivery.event
  return {
    subscription,
    partition,
    position,
    topic,
    type,
    tenantId,
    entityKey,
    sequence: delivery.sequence,
    attempts: delivery.attempts,
    firstAttemptAtMs: delivery.firstAttemptAtMs ?? 0,
    dueAtMs,
  }
}
