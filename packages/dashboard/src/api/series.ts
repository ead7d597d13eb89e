import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'
import { Problem } from './problem.ts'

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

/** Null: the server keeps no series, so nothing is drawn over time. */
async function seriesOf(question: SeriesQuestion, signal: AbortSignal): Promise<Series | null> {
  try {
    return await ask<Series>('GET', '/v1/series', { query: { ...question }, signal })
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null
    throw error
  }
}

export const seriesQuery = (question: SeriesQuestion) =>
  queryOptions({
    queryKey: ['series', question],
    queryFn: ({ signal }) => seriesOf(question, signal),
    refetchInterval: 10_000,
  })
