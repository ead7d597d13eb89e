import { atTime } from '../deliver/breaker.ts'
import type { Lane } from '../deliver/lane.ts'
import type { Reading } from './lanes.ts'

/** Where a subscription stands with one event in memory. */
export interface Standing {
  /** Queued or under way. */
  readonly isPending: boolean
  /** Undefined: nothing reads for it. */
  readonly reading: Reading | undefined
  /** Epoch milliseconds: no attempt is made before, because the endpoint has failed again and again; null: none is held back. */
  readonly pausedUntilMs: number | null
  readonly retriesWhileDisabled: boolean
}

export function standingOf(
  lane: Lane | undefined,
  reading: Reading | undefined,
  position: number,
  nowMs: number,
): Standing {
  if (!lane) return { isPending: false, reading, pausedUntilMs: null, retriesWhileDisabled: false }
  const breaker = atTime(lane.breaker, nowMs)
  let isPending = false
  for (const { event } of lane.open) if (event.position === position) isPending = true
  return {
    isPending,
    reading,
    pausedUntilMs: breaker.state === 'open' ? breaker.untilMs : null,
    retriesWhileDisabled: lane.policy.retriesWhileDisabled,
  }
}
