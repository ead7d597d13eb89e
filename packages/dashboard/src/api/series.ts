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
