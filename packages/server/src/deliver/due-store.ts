import type { DeliveryKey, WaitingDelivery } from '../core/delivery/delivery.ts'
import type { Shares } from '../core/delivery/shares.ts'

/** Which waiting rows are asked for. */
export interface WaitingOf {
  /** Of subscriptions in these shares. */
  readonly shares: Shares
  /** Not of these subscriptions: they take none. */
  readonly excluding: ReadonlySet<number>
  /** Not these deliveries, by `deliveryKeyText`: they are under way. */
  readonly claimed?: ReadonlySet<string>
}

export interface DueRequest extends WaitingOf {
  readonly nowMs: number
  readonly limit: number
}

export interface KnownRequest {
  readonly shares: Shares
  readonly partition: number
  readonly after: number
  /** Up to this position; absent: to the end of the log. */
  readonly to?: number
  readonly subscription?: number
}

export interface DeliveredRequest {
  readonly subscription: number
  readonly partition: number
  readonly after: number
  readonly sinceMs: number
  /** Up to this position; absent: to the end of the log. */
  readonly to?: number
}

/**
 * What is to be attempted and when, and what needs no first attempt any more: for the owner of some shares, of whose
 * subscriptions alone it is told.
 *
 * Guarantees: every answer holds all settlements that were durable when the question was asked; a
 * question changes nothing, and asking it again is harmless.
 */
export interface DueStore {
  /** Waiting rows due at or before `nowMs`, earliest first. */
  due(request: DueRequest): Promise<readonly WaitingDelivery[]>
  /** When the earliest waiting row falls due; null when none waits. */
  nextDueMs(waiting: WaitingOf): Promise<number | null>
  /**
   * The clock has been set back: what waits falls due `byMs` sooner, at `nowMs` at the soonest, and at `nowMs` what
   * was attempted after it or was to be attempted at once. Durable when it resolves.
   */
  bringForward(request: { readonly shares: Shares; readonly nowMs: number; readonly byMs: number }): Promise<void>
  /** Keys waiting or ended after a position: what a restarted loop must not attempt as new. */
  knownAfter(request: KnownRequest): Promise<readonly DeliveryKey[]>
  /** Keys delivered by attempts since a time, after a position: what a restarted loop has no need to send again. */
  deliveredAfter(shares: Shares, requests: readonly DeliveredRequest[]): Promise<readonly DeliveryKey[]>
}
