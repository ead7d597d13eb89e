import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'

export interface Node {
  readonly id: string
  readonly url: string
  readonly version: string
  readonly since: string
  readonly shares: number
  readonly behind: number
  readonly status: string
}

export const nodesQuery = queryOptions({
  queryKey: ['nodes'],
  queryFn: ({ signal }) => ask<{ readonly items: readonly Node[] }>('GET', '/v1/nodes', { signal }),
  refetchInterval: 5_000,
})
