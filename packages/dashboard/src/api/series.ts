import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'

export type Range = '1h' | '24h' | '14d'
export const ranges: readonly Range[] = ['1h', '24h', '14d']

export function rangeOf(text: string | undefined): Range {
  return ranges.find((range) => range === text) ?? '1h'
}

export interface Series {
  readonly stepSeconds: number
  readonly from: string
  readonly points: readonly (number | null)[]
}

export interface SeriesQuestion {
  readonly metric: string
  readonly range: Range
  readonly subscription?: string | undefined
  readonly dialect?: string | undefined
  readonly outcome?: string | undefined
}

export const seriesQuery = (question: SeriesQuestion) =>
  queryOptions({
    queryKey: ['series', question],
    queryFn: ({ signal }) => ask<Series>('GET', '/v1/series', { query: { ...question }, signal }),
    refetchInterval: 10_000,
  })

/** How the deliveries of a subscription fared in the last hour. */
export interface Health {
  readonly subscription: string
  readonly delivered: number
  readonly waiting: number
  readonly failed: number
}

/** At most 100 at once. */
export const healthQuery = (ids: readonly string[]) =>
  queryOptions({
    queryKey: ['health', ids],
    queryFn: async ({ signal }) => {
      const query = { subscriptions: ids.join(',') }
      return (await ask<{ readonly items: readonly Health[] }>('GET', '/v1/series/health', { query, signal })).items
    },
    enabled: ids.length > 0,
    refetchInterval: 30_000,
  })
