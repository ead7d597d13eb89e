import type { AttemptError, DeliveryStatus } from '../delivery/delivery.ts'

/**
 * What is counted. A status: attempts by which a delivery became that. `error …`: attempts that failed so. `latency …`:
 * deliveries that were accepted at their first attempt, as they were published, by the step of their latency.
 * `streams` and `samples`: how many streams were open in all looks at them, and how many looks there were.
 */
export type CountName = DeliveryStatus | `error ${AttemptError | 'other'}` | `latency ${number}` | 'streams' | 'samples'

/** SeriesCounts of one stretch of time. What is not there is 0. */
export type SeriesCounts = Partial<Record<CountName, number>>

/** Errors that are told apart in one stretch; further ones are `other` (invariant 8). */
const errorsApart = 40

/** Adds to `counts`, which it changes. */
export function addCounts(counts: SeriesCounts, more: SeriesCounts): void {
  for (const [name, count] of Object.entries(more) as [CountName, number][]) addCount(counts, name, count)
}

function addCount(counts: SeriesCounts, name: CountName, count: number): void {
  const own = counts[name] === undefined && isError(name) && errorsOf(counts) >= errorsApart ? 'error other' : name
  counts[own] = (counts[own] ?? 0) + count
}

function isError(name: string): boolean {
  return name.startsWith('error ')
}

function errorsOf(counts: SeriesCounts): number {
  return Object.keys(counts).filter(isError).length
}

const attempted = ['waiting', 'delivered', 'failed'] as const

/** Attempts of whatever outcome. */
export function attemptsIn(counts: SeriesCounts): number {
  return attempted.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0)
}

/** How many deliveries fell into each step of latency. */
export function latenciesIn(counts: SeriesCounts): ReadonlyMap<number, number> {
  const latencies = Object.entries(counts).filter(([name]) => name.startsWith('latency '))
  return new Map(latencies.map(([name, count = 0]) => [Number(name.slice('latency '.length)), count]))
}
