import type { AttemptRecord } from '../delivery/attempt-record.ts'
import { addCounts, type SeriesCounts } from './counts.ts'
import { latencyStep } from './latency.ts'
import type { Scope } from './scope.ts'

export const minuteMs = 60_000
/** Minutes are told apart for this long, and hours after that. */
export const minutesKept = 120

/** What happened in one minute, of one scope. */
export interface SeriesTally {
  readonly scope: Scope
  /** Minutes since the epoch. */
  readonly minute: number
  readonly counts: SeriesCounts
}

/** What an attempt counts as. @param latencyMs from the append to the acceptance; null: it tells nothing of the server */
export function countsOf({ outcome, error }: AttemptRecord, latencyMs: number | null): SeriesCounts {
  return {
    [outcome]: 1,
    ...(error === null ? {} : { [`error ${error}`]: 1 }),
    ...(latencyMs === null ? {} : { [`latency ${latencyStep(latencyMs)}`]: 1 }),
  }
}

/** Gathers counts by scope and minute. */
export class Tallies {
  readonly #byMinute = new Map<number, Map<Scope, SeriesCounts>>()

  add(scopes: readonly Scope[], atMs: number, counts: SeriesCounts): void {
    const minute = Math.floor(atMs / minuteMs)
    for (const scope of scopes) addCounts(this.#countsOf(minute, scope), counts)
  }

  /** Everything gathered since the last call. */
  take(): readonly SeriesTally[] {
    const tallies = [...this.#byMinute].flatMap(([minute, byScope]) =>
      [...byScope].map(([scope, counts]) => ({ scope, minute, counts })),
    )
    this.#byMinute.clear()
    return tallies
  }

  /** What was taken and could not be written. */
  giveBack(tallies: readonly SeriesTally[]): void {
    for (const { scope, minute, counts } of tallies) addCounts(this.#countsOf(minute, scope), counts)
  }

  #countsOf(minute: number, scope: Scope): SeriesCounts {
    const byScope = this.#byMinute.get(minute) ?? new Map<Scope, SeriesCounts>()
    this.#byMinute.set(minute, byScope)
    const counts = byScope.get(scope) ?? {}
    byScope.set(scope, counts)
    return counts
  }
}
