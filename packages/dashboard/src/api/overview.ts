import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'
import type { Subscription } from './subscription.ts'

export interface NeedsAttention {
  readonly subscription: Subscription
  readonly reasons: readonly ('failing' | 'disabled' | 'undelivered' | 'no_grant' | 'paused')[]
  readonly waiting: number
  readonly failed: number
  readonly error: string | null
}

export interface Overview {
  readonly subscriptions: {
    readonly total: number
    readonly failing: number
    readonly disabled: number
    readonly withoutGrant: number
  }
  readonly deliveries: { readonly waiting: number; readonly failed: number; readonly isExact: boolean }
  readonly behind: number | null
  readonly streams: number | null
  readonly attention: { readonly total: number; readonly items: readonly NeedsAttention[] }
}

export const overviewQuery = () =>
  queryOptions({
    queryKey: ['overview'],
    queryFn: ({ signal }) => ask<Overview>('GET', '/v1/overview', { signal }),
    refetchInterval: 10_000,
  })
