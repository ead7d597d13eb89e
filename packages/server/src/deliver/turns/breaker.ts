/**
 * Keeps a failing endpoint from costing more than a probe now and then.
 *
 *   closed ──(threshold failures in a row)──▶ open ──(pause over)──▶ half-open
 *     ▲                                         ▲                        │
 *     └───────────── success ───────────────────┼──── failure, pause × 2 ┘
 */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly untilMs: number; readonly pauseMs: number }
  | { readonly state: 'half-open'; readonly pauseMs: number }

/** Failures in a row that open it. */
export const breakerThreshold = 12
const firstPauseMs = 1_000
/** The longest pause: a recovered endpoint is found within a minute. */
const longestPauseMs = 60_000

export const closedBreaker: Breaker = { state: 'closed', failures: 0 }

export function afterSuccess(): Breaker {
  return closedBreaker
}

export function afterFailure(breaker: Breaker, nowMs: number): Breaker {
  switch (breaker.state) {
    case 'closed':
      return breaker.failures + 1 >= breakerThreshold
        ? { state: 'open', untilMs: nowMs + firstPauseMs, pauseMs: firstPauseMs }
        : { state: 'closed', failures: breaker.failures + 1 }
    case 'half-open': {
      const pauseMs = Math.min(breaker.pauseMs * 2, longestPauseMs)
      return { state: 'open', untilMs: nowMs + pauseMs, pauseMs }
    }
    case 'open':
      // An attempt that was under way when it opened: says nothing new.
      return breaker
    default:
      return breaker satisfies never
  }
}

/** What the breaker is at `nowMs`: an open one whose pause is over lets one probe through. */
export function atTime(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.state !== 'open') return breaker
  // Further away than the whole pause: the clock was set back, and it would stay open until it comes round again.
  const isOver = nowMs >= breaker.untilMs || breaker.untilMs - nowMs > breaker.pauseMs
  return isOver ? { state: 'half-open', pauseMs: breaker.pauseMs } : breaker
}
