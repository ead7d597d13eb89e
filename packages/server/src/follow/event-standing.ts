import type { Lane } from '../deliver/lane.ts'
import { restsUntilMs } from '../deliver/resting.ts'
import type { Reading } from './lanes.ts'

/** Where a subscription stands with one event in memory. */
export interface EventStanding {
  /** Queued or under way. */
  readonly isPending: boolean
  /** Undefined: nothing reads for it. */
  readonly reading: Reading | undefined
  /** Epoch milliseconds: no attempt is made before, because the endpoint has failed again and again or asked for it; null: none is held back. */
  readonly pausedUntilMs: number | null
  /** The endpoint asked for the pause, by `Retry-After`. */
  readonly isPauseAskedFor: boolean
  readonly retriesWhileDisabled: boolean
}

export function eventStandingOf(
  lane: Lane | undefined,
  reading: Reading | undefined,
  position: number,
  nowMs: number,
): EventStanding {
  if (!lane)
    return { isPending: false, reading, pausedUntilMs: null, isPauseAskedFor: false, retriesWhileDisabled: false }
  const pausedUntilMs = restsUntilMs(lane, nowMs)
  let isPending = false
  for (const { event } of lane.open) if (event.position === position) isPending = true
  return {
    isPending,
    reading,
    pausedUntilMs,
    isPauseAskedFor: pausedUntilMs !== null && pausedUntilMs === lane.heldUntilMs,
    retriesWhileDisabled: lane.policy.retriesWhileDisabled,
  }
}
