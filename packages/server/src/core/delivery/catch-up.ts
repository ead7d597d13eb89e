/**
 * A *catch-up* is a subscription's own reading of the log, from a position until it has read as far
 * as the others and joins them.
 */

/** Why it reads for itself: it began in the past, was rewound, was enabled again, or could not keep up. */
export const catchUpReasons = ['start', 'rewind', 'enable', 'behind'] as const
export type CatchUpReason = (typeof catchUpReasons)[number]

export interface CatchUp {
  readonly reason: CatchUpReason
  readonly sinceMs: number
  /** The position after which it began to read. */
  readonly from: number
  /** Since when nothing is read; null: it runs. */
  readonly pausedAtMs: number | null
}
