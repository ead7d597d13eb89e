import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { DeliveryKey, EndedDelivery, WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { Lease } from '../../core/delivery/lease.ts'
import type { Shares } from '../../core/delivery/shares.ts'
import type { SubscriptionProgress } from '../../core/delivery/subscription-progress.ts'
import type { SeriesTally } from '../../core/series/tally.ts'

/** How far a shared loop of a partition has settled everything, for the subscriptions of its shares. */
export interface Watermark {
  readonly partition: number
  readonly position: number
}

/** Everything that was settled since the last one; becomes durable as one. */
export interface Settlement {
  readonly watermarks: readonly Watermark[]
  /** Moves places that were inserted, and inserts none. */
  readonly progress: readonly SubscriptionProgress[]
  /** New or changed waiting rows. */
  readonly waiting: readonly WaitingDelivery[]
  /** Kept so that they can be listed and sent again. */
  readonly ended: readonly EndedDelivery[]
  /** No longer waiting nor failed: delivered, or given up because the subscription is gone. */
  readonly cleared: readonly DeliveryKey[]
  readonly attempts: readonly AttemptRecord[]
  /** What the attempts count as. They are added to what was counted of the same minutes before. */
  readonly tallies: readonly SeriesTally[]
}

/** To make settlements of a few parts from. */
export const nothingSettled: Settlement = {
  watermarks: [],
  progress: [],
  waiting: [],
  ended: [],
  cleared: [],
  attempts: [],
  tallies: [],
}

/** Where reading and sending had come, as the run before left it. */
export interface StoredProgress {
  readonly watermarks: readonly Watermark[]
  readonly progress: readonly SubscriptionProgress[]
}

/** `fenced`: the lease has ended, and nothing of the settlement was written, now or later. */
export type Settled = 'written' | 'fenced'

/**
 * Where it is written what became of deliveries, and how far reading is.
 *
 * Guarantees: `settle` is atomic and durable when it resolves, so a watermark never gets ahead of
 * the waiting rows that it relies on; it writes only under a living lease, for whose shares the
 * watermarks count; settlements apply in call order; a key is waiting, failed or neither, never two
 * at once. There is no transaction with the log or the registry.
 */
export interface SettlingStore {
  /** The places of subscriptions in these shares, and of each partition the lowest of the shares' watermarks. */
  load(shares: Shares): Promise<StoredProgress>
  /**
   * Inserts where a subscription begins, unless it has a place in the partition; resolves with the place that it has.
   * Whoever makes a subscription inserts it, before the subscription itself is stored. Durable when it resolves.
   */
  place(beginning: SubscriptionProgress): Promise<SubscriptionProgress>
  settle(settlement: Settlement, lease: Lease): Promise<Settled>
  /** Drops ended deliveries after a position: a replay is about to attempt them again. */
  reopen(request: { readonly subscription: number; readonly partition: number; readonly after: number }): Promise<void>
  /** Drops everything of a subscription of which the registry says that it was deleted, its places first. */
  forget(subscription: number): Promise<void>
}
