import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { DeliveryKey, DeliveryStatus } from '../../core/delivery/delivery.ts'
import type { DeliveryCounts, DeliveryRow } from '../../core/delivery/delivery-row.ts'

export interface DeliveryQuery {
  /** Only deliveries of these subscriptions; empty gives nothing. */
  readonly subscriptions: readonly number[]
  readonly statuses: ReadonlySet<DeliveryStatus> | null
  readonly limit: number
  /** Opaque, from the page before. */
  readonly cursor: string | null
}

/** One page of a list, and the cursor of the next one. */
export interface DeliveryPage {
  readonly rows: readonly DeliveryRow[]
  /** Null: there is no more. */
  readonly next: string | null
}

/**
 * What became of deliveries, for whoever asks: lists, exports, explanations, entities' ledgers.
 *
 * Guarantees: every answer holds all settlements that were durable when the question was asked; a
 * list that is read page by page shows no delivery twice, unless it was settled anew meanwhile.
 */
export interface HistoryStore {
  /**
   * Newest first: by last attempt, or by due time for statuses that wait.
   * @throws AppError `invalid_request` for a cursor that no list gave
   */
  list(query: DeliveryQuery): Promise<DeliveryPage>
  find(key: DeliveryKey): Promise<DeliveryRow | null>
  attemptsOf(key: DeliveryKey): Promise<readonly AttemptRecord[]>
  /** Of all subscriptions, or of one. */
  count(subscription?: number): Promise<DeliveryCounts>
}
