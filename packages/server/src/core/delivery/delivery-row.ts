import type { AttemptRecord } from './attempt-record.ts'
import type { Delivery, DeliveryStatus } from './delivery.ts'

/** What became of a delivery, as lists show it. */
export interface DeliveryRow extends Delivery {
  readonly status: DeliveryStatus
  readonly attempts: number
  /** Epoch milliseconds; null unless waiting. */
  readonly nextAttemptAtMs: number | null
  readonly lastAttempt: AttemptRecord | null
}

/** How many deliveries have ended, or wait, without having been delivered. */
export interface DeliveryCounts {
  readonly waiting: number
  readonly failed: number
  readonly superseded: number
}
