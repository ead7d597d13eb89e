import { restsUntilMs } from '../deliver/resting.ts'
import type { Reading } from './lanes.ts'
import type { Reader } from './reader.ts'

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
  reader: Reader | undefined,
  reading: Reading | undefined,
  position: number,
  nowMs: number,
): EventStanding {
  if (!reader)
    return { isPending: false, reading, pausedUntilMs: null, isPauseAskedFor: false, retriesWhileDisabled: false }
  const { lane } = reader
  const pausedUntilMs = restsUntilMs(lane, nowMs)
  return {
    isPending: reader.isOpenAt(position),
    reading,
    pausedUntilMs,
    isPauseAskedFor: pausedUntilMs !== null && pausedUntilMs === lane.heldUntilMs,
    retriesWhileDisabled: lane.policy.retriesWhileDisabled,
  }
}
