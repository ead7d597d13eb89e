import type { StoredEvent } from '../core/event.ts'
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
  /** When it was put into its lane. */
  readonly offeredAtMs: number
}
