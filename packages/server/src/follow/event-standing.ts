import type { EndpointRest } from '../deliver/turns/turns.ts'
import type { Reader } from './reader.ts'
import type { Reading } from './readership.ts'

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

/** `rest`: that of the subscription's endpoint; null: it may be tried. */
export function eventStandingOf(
  reader: Reader | undefined,
  reading: Reading | undefined,
  rest: EndpointRest | null,
  position: number,
): EventStanding {
  return {
    isPending: reader?.isOpenAt(position) ?? false,
    reading,
    pausedUntilMs: rest?.untilMs ?? null,
    isPauseAskedFor: rest?.isAskedFor ?? false,
    retriesWhileDisabled: reader?.lane.policy.retriesWhileDisabled ?? false,
  }
}
