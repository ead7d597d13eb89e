import type { Http } from './http.ts'

/** What a series tells of, and of whom; what is absent narrows nothing. */
export interface SeriesQuestion {
  readonly metric: 'published' | 'deliveries' | 'attempts' | 'latency_p50' | 'latency_p90' | 'latency_p99' | 'streams'
  /** `1h` (default) by minute, `24h` and `14d` by hour. */
  readonly range?: '1h' | '24h' | '14d' | undefined
  /** The id of a subscription. */
  readonly subscription?: string | undefined
  readonly dialect?: string | undefined
  /** Of `deliveries`. */
  readonly outcome?: 'delivered' | 'waiting' | 'failed' | undefined
  /** Of `attempts`, as `http_500`. */
  readonly error?: string | undefined
}

/** What happened when. */
export interface Series {
  readonly stepSeconds: number
  /** RFC 3339: where the first step begins. */
  readonly from: string
  /** One a step, the last one under way. Null: there is nothing to tell. */
  readonly points: readonly (number | null)[]
}

export function series(http: Http, question: SeriesQuestion): Promise<Series> {
  return http.json<Series>({ path: '/v1/series', query: { ...question } })
}
