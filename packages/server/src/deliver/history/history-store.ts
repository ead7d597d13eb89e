import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { DeliveryKey, DeliveryStatus } from '../../core/delivery/delivery.ts'
import type { DeliveryCounts, DeliveryRow } from '../../core/delivery/delivery-row.ts'

export interface DeliveryQuery {
  /** Only deliveries of these subscriptions; empty gives nothing. Null: of all, deleted ones that are not forgotten yet too. */
  readonly subscriptions: readonly number[] | null
  readonly statuses: ReadonlySet<DeliveryStatus> | null
  readonly limit: number
  /** Opaque, from the page before. */
  readonly cursor: string | null
}

/** How many deliveries of a subscription wait for an attempt, and how many have failed. */
export interface Undelivered {
  readonly subscription: number
  readonly waiting: number
  readonly failed: number
}

export interface UndeliveredRequest {
  /** Subscriptions with higher numbers. */
  readonly after: number
  readonly limit: number
  /** Each count goes up to this, so that a million of them cost no more. */
  readonly cap: number
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
  /** The subscriptions that have any, by number. */
  undelivered(request: UndeliveredRequest): Promise<readonly Undelivered[]>
  /** Of all subscriptions, or of one. */
  count(subscription?: number): Promise<DeliveryCounts>
}
