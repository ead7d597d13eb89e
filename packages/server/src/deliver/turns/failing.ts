import type { Breaker } from './breaker.ts'

/** How long a subscription must have failed before it is noted. */
const notedAfterMs = 60_000

/** Two failures with a clock that jumped between them are not a week of failures. */
const fewestFailures = 5

/** An endpoint that has accepted nothing since `sinceMs`. */
export interface Failing {
  /** How long its dialect lets it fail before it is disabled; null: for ever. */
  readonly limitMs: number | null
  readonly sinceMs: number
  /** As the last failure left it: an open one has seen more than enough of them. */
  readonly breaker: Breaker
  readonly nowMs: number
}

/** Whether others should hear that it fails; a moment's trouble is nobody's concern. */
export function isToBeNoted(sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs >= notedAfterMs
}

/** Whether it must be disabled: it failed for as long as its dialect allows, and often enough to believe it. */
export function hasFailedTooLong({ limitMs, sinceMs, breaker, nowMs }: Failing): boolean {
  if (limitMs === null || nowMs - sinceMs < limitMs) return false
  return breaker.state !== 'closed' || breaker.failures >= fewestFailures
}
