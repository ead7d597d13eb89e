import type { SeriesCounts } from '../../core/series/counts.ts'
import type { Scope } from '../../core/series/scope.ts'
import type { SeriesTally } from '../../core/series/tally.ts'

export interface SeriesRequest {
  /** Their counts are added up. */
  readonly scopes: readonly Scope[]
  /** Epoch milliseconds, a multiple of `stepMs`. */
  readonly fromMs: number
  readonly steps: number
  /** A minute or an hour. */
  readonly stepMs: number
}

/**
 * What happened when, in numbers.
 *
 * Guarantees: what a settlement tallies is counted once, if and only if the settlement was written. Minutes are told
 * apart for `minutesKept` minutes at least, hours until retention drops them.
 */
export interface SeriesStore {
  /** The counts of each step, oldest first. A minute that is not told apart any more counts as its hour's first. */
  series(request: SeriesRequest): Promise<readonly SeriesCounts[]>
  /** SeriesCounts what no settlement knows of. Durable when it resolves. */
  tally(tallies: readonly SeriesTally[]): Promise<void>
}
