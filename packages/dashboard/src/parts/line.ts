import type { Series } from '../api/series.ts'

/** One number over time, as a chart draws it. */
export interface Line {
  readonly name: string
  readonly series: Series
  /** A colour of the pages, as `--good`. */
  readonly color: string
}
