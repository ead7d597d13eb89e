import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask, type Page, segment } from './http.ts'
import type { TenantId } from './tenant-id.ts'

export type DeliveryStatus = 'waiting' | 'delivered' | 'failed' | 'superseded'

/** Milliseconds of each part of an attempt; null: that part did not happen. */
export interface Timing {
  readonly dnsMs?: number | null
  readonly connectMs?: number | null
  readonly tlsMs?: number | null
  readonly firstByteMs?: number | null
}

export interface Attempt {
  readonly attempt: number
  readonly at: string
  readonly durationMs: number
  readonly status: number | null
  readonly error: string | null
  readonly body: string | null
  readonly timing?: Timing | null
  /** Of an answer that was not accepted. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | null
}

export interface Delivery {
  readonly id: string
  readonly status: DeliveryStatus
  readonly subscription: string | null
  readonly event: {
    readonly id: string | null
    readonly type: string
    readonly tenantId: TenantId
    readonly entityId: string
    readonly offset: string
  }
  readonly topic: string
  readonly offset: string
  readonly sequence: number | null
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly lastAttempt: Attempt | null
}

export interface DeliverySearch {
  readonly subscription?: string | undefined
  readonly event?: string | undefined
  readonly status?: DeliveryStatus | 'undelivered' | undefined
  readonly types?: string | undefined
  readonly tenants?: string | undefined
  readonly entity?: string | undefined
  readonly error?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export const deliveriesQuery = (search: DeliverySearch, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', search, limit],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Delivery>>('GET', '/v1/deliveries', { query: { ...search, cursor: pageParam, limit }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id],
    queryFn: ({ signal }) => ask<Delivery>('GET', `/v1/deliveries/${segment(id)}`, { signal }),
  })

export const attemptsQuery = (id: string) =>
  queryOptions({
    queryKey: ['delivery', id, 'attempts'],
    queryFn: ({ signal }) =>
      ask<Page<Attempt>>('GET', `/v1/deliveries/${segment(id)}/attempts`, { query: { limit: 100 }, signal }),
  })

export const resendDelivery = (id: string) => ask<void>('POST', `/v1/deliveries/${segment(id)}/resend`, { body: {} })

export interface Resend {
  readonly id: string
  readonly status: 'running' | 'done' | 'cancelled' | 'interrupted'
  readonly filter: { readonly subscription: string; readonly status: string; readonly [field: string]: unknown }
  readonly matched: number
  readonly resent: number
  readonly skipped: number
  readonly startedAt: string
  readonly endedAt: string | null
}

export const resendsQuery = queryOptions({
  queryKey: ['resends'],
  queryFn: ({ signal }) => ask<Page<Resend>>('GET', '/v1/resends', { query: { limit: 500 }, signal }),
})

export const resendMany = (search: DeliverySearch & { readonly subscription: string }) =>
  ask<Resend>('POST', '/v1/deliveries/resend', { body: search })
export const cancelResend = (id: string) => ask<void>('POST', `/v1/resends/${segment(id)}/cancel`, { body: {} })
