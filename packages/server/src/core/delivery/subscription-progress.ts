import type { CatchUp } from './catch-up.ts'
import type { SkippedSpan } from './skipped-span.ts'

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
