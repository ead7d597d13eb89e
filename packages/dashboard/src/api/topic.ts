import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'

export interface Topic {
  readonly topic: string
  readonly earliest: string
  readonly latest: string
}

export const topicsQuery = queryOptions({
  queryKey: ['topics'],
  queryFn: ({ signal }) => ask<{ readonly items: readonly Topic[] }>('GET', '/v1/topics', { signal }),
})
