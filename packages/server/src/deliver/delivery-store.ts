import type { CatchUp } from '../core/delivery/catch-up.ts'
import type { AttemptError, DeliveryEvent, DeliveryKey, DeliveryStatus } from '../core/delivery/delivery.ts'
import type { SkippedSpan } from '../core/delivery/skipped-span.ts'

/** A delivery that waits for its next attempt: a small row that points into the log. */
export interface WaitingDelivery extends DeliveryKey, DeliveryEvent {
  readonly sequence: number | null
  /** Attempts made so far. */
  readonly attempts: number
  readonly firstAttemptAtMs: number
  readonly dueAtMs: number
}

/** One attempt, as kept for 14 days. Attempts of a delivery count from 1. */
export interface AttemptRecord extends DeliveryKey, DeliveryEvent {
  readonly attempt: number
  readonly sequence: number | null
  readonly atMs: number
  readonly durationMs: number
  readonly status: number | null
  readonly error: AttemptError | null
  /** Up to 16 KiB of the receiver's answer. */
  readonly body: string | null
  /** What the delivery became by it. */
  readonly outcome: DeliveryStatus
}

/**
 * How far a subscription is in a partition.
 * `shared`: it takes part in the shared reading loop, from after `position`.
 * `own`: it runs its own loop, which has settled everything up to `position`.
 */
export interface SubscriptionProgress {
  readonly subscription: number
  readonly partition: number
  readonly mode: 'shared' | 'own'
  readonly position: number
  /** How many of its events stand at or before the place from which reading would go on after a crash: the last settled `sequence`. */
  readonly sequence: number
  /** The reading of its own that is under way; null when it takes part in the shared one, and while it is disabled. */
  readonly catchUp: CatchUp | null
  /** The spans that it skipped, ascending by position. */
  readonly skipped: readonly SkippedSpan[]
}

/** Everything that was settled since the last one; becomes durable as one. */
export interface Settlement {
  /** The shared loop has settled everything up to here. */
  readonly watermarks: readonly { readonly partition: number; readonly position: number }[]
  readonly progress: readonly SubscriptionProgress[]
  /** New or changed waiting rows. */
  readonly waiting: readonly WaitingDelivery[]
  /** Finally failed (or superseded): kept so that it can be listed and resent. */
  readonly ended: readonly (WaitingDelivery & { readonly status: 'failed' | 'superseded' })[]
  /** No longer waiting nor failed: delivered, or given up because the subscription is gone. */
  readonly cleared: readonly DeliveryKey[]
  readonly attempts: readonly AttemptRecord[]
}

/** To make settlements of a few parts from. */
export const nothingSettled: Settlement = {
  watermarks: [],
  progress: [],
  waiting: [],
  ended: [],
  cleared: [],
  attempts: [],
}

export interface DeliveryRow extends DeliveryKey, DeliveryEvent {
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly sequence: number | null
  /** Epoch milliseconds; null unless waiting. */
  readonly nextAttemptAtMs: number | null
  readonly lastAttempt: AttemptRecord | null
}

export interface KnownRequest {
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

/** How many deliveries have ended, or wait, without having been delivered. */
export interface DeliveryCounts {
  readonly waiting: number
  readonly failed: number
  readonly superseded: number
}

export interface DeliveryQuery {
  /** Only deliveries of these subscriptions; empty gives nothing. */
  readonly subscriptions: readonly number[]
  readonly statuses: ReadonlySet<DeliveryStatus> | null
  readonly limit: number
  /** Opaque, from the page before. */
  readonly cursor: string | null
}

/** Waiting rows that nobody asks for now. */
export interface LeftOut {
  /** Subscriptions that take none. */
  readonly excluding: ReadonlySet<number>
  /** Deliveries that are under way, by `deliveryKeyText`; none unless given. */
  readonly claimed?: ReadonlySet<string>
}

export interface DueRequest extends LeftOut {
  readonly nowMs: number
  readonly limit: number
}

/**
 * Delivery state: watermarks, waiting deliveries, attempts.
 *
 * Guarantees: `settle` is atomic and durable when it resolves, so a watermark never gets ahead of
 * the waiting rows that it relies on; settlements apply in call order; a key is waiting, failed or
 * neither, never two at once. There is no transaction with the log or the registry.
 */
export interface DeliveryStore {
  load(): Promise<{
    readonly watermarks: readonly { readonly partition: number; readonly position: number }[]
    readonly progress: readonly SubscriptionProgress[]
  }>
  settle(settlement: Settlement): Promise<void>

  /** Waiting rows due at or before `nowMs`, earliest first, but for those left out. */
  due(request: DueRequest): Promise<readonly WaitingDelivery[]>
  /**
   * The clock has been set back: what waits falls due `byMs` sooner, at `nowMs` at the soonest, and at `nowMs` what
   * was attempted after it or was to be attempted at once.
   */
  bringForward(nowMs: number, byMs: number): Promise<void>
  /** When the earliest waiting row falls due, but for those left out; null when none waits. */
  nextDueMs(leftOut: LeftOut): Promise<number | null>
  /** The lowest position after `after` that a delivery waits for; null when none waits. The log keeps its event meanwhile. */
  oldestWaiting(request: { readonly partition: number; readonly after: number }): Promise<number | null>
  /** Keys waiting or ended after a position: what a restarted loop must not attempt as new. */
  knownAfter(request: KnownRequest): Promise<readonly DeliveryKey[]>

  /** Keys delivered by attempts since a time, after a position: what a restarted loop has no need to send again. */
  deliveredAfter(requests: readonly DeliveredRequest[]): Promise<readonly DeliveryKey[]>

  /** Newest first: by last attempt, or by due time for statuses that wait. */
  list(query: DeliveryQuery): Promise<{ readonly rows: readonly DeliveryRow[]; readonly next: string | null }>
  find(key: DeliveryKey): Promise<DeliveryRow | null>
  attemptsOf(key: DeliveryKey): Promise<readonly AttemptRecord[]>
  /** Of all subscriptions, or of one. */
  count(subscription?: number): Promise<DeliveryCounts>

  /** Drops ended deliveries after a position: a replay is about to attempt them again. */
  reopen(request: { readonly subscription: number; readonly partition: number; readonly after: number }): Promise<void>
  /** Drops everything of a deleted subscription. */
  forget(subscription: number): Promise<void>
  /** Drops attempts made, and ended deliveries of events attempted last, before `timeMs`. */
  dropBefore(timeMs: number): Promise<void>
  close(): Promise<void>
}
