import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask, type Page, segment } from './http.ts'
import type { TenantId } from './tenant-id.ts'

export type Tenants = 'granted' | { readonly subtree: TenantId } | readonly TenantId[]

export interface CatchUp {
  readonly state: 'running' | 'paused'
  readonly reason: 'start' | 'rewind' | 'enable' | 'behind'
  readonly since: string
}

export interface CatchUpProgress extends CatchUp {
  readonly read: number
  readonly behind: number
  readonly eventsPerSecond: number | null
  readonly secondsLeft: number | null
}

export interface Subscription {
  readonly id: string
  readonly status: 'active' | 'disabled'
  readonly disabledReason: string | null
  readonly disabledAt: string | null
  readonly failingSince: string | null
  readonly dialect: string
  readonly integrationId: string
  readonly tenantId: TenantId | null
  readonly types: readonly string[]
  readonly tenants: Tenants
  readonly filter: Readonly<Record<string, unknown>> | null
  readonly fields: string | null
  readonly endpoint: {
    readonly url: string
    readonly headerNames: readonly string[]
    readonly auth: { readonly type: string } | null
    readonly tls: boolean
    readonly timeoutSeconds: number
  }
  readonly ordering: 'none' | 'entity'
  readonly coalesce: 'none' | 'latest'
  readonly batch: { readonly maxEvents: number; readonly maxWaitMs: number } | null
  readonly retry: { readonly delaysSeconds: readonly number[] } | null
  readonly concurrency: number
  readonly ratePerSecond: number | null
  readonly description: string | null
  readonly signature: string | null
  readonly signingSecret?: string
  readonly signingPublicKey?: string
  readonly hasGrant: boolean
  readonly behind: number
  readonly catchUp: CatchUp | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface NotGranted {
  readonly events: number
  readonly isExact: boolean
  readonly tenants: readonly {
    readonly tenantId: TenantId
    readonly events: number
    readonly grantEndedAt: string | null
  }[]
}

export interface SubscriptionStats {
  readonly behind: number
  readonly behindSince: string | null
  readonly keptUntil: string | null
  readonly waiting: number
  readonly failed: number
  readonly sequence: number
  readonly breaker: string
  readonly inFlight: number
  readonly reading: 'shared' | 'own'
  readonly catchUp: CatchUpProgress | null
  readonly hasGrant: boolean
  readonly notGranted: NotGranted | null
}

export interface TestResult {
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
  readonly body: string | null
}

export interface SubscriptionDraft {
  readonly integrationId?: string | undefined
  readonly dialect: string
  readonly types: readonly string[]
  readonly tenants?: Tenants | undefined
  readonly filter?: unknown
  readonly start?: Start | undefined
  readonly description?: string | undefined
  readonly ordering?: 'none' | 'entity' | undefined
  readonly endpoint: { readonly url: string }
}

export type Start = 'now' | 'earliest' | { readonly time: string }

const path = (id: string, action = '') => `/v1/subscriptions/${segment(id)}${action}`

export interface SubscriptionSearch {
  readonly search?: string | undefined
  readonly status?: string | undefined
  readonly dialect?: string | undefined
  readonly integration?: string | undefined
}

export const subscriptionsQuery = (search: SubscriptionSearch = {}, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['subscriptions', search, limit],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Subscription>>('GET', '/v1/subscriptions', { query: { ...search, cursor: pageParam, limit }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const subscriptionQuery = (id: string) =>
  queryOptions({
    queryKey: ['subscription', id],
    queryFn: ({ signal }) => ask<Subscription>('GET', path(id), { signal }),
  })

export const statsQuery = (id: string) =>
  queryOptions({
    queryKey: ['subscription', id, 'stats'],
    queryFn: ({ signal }) => ask<SubscriptionStats>('GET', path(id, '/stats'), { signal }),
    refetchInterval: 5_000,
  })

export const createSubscription = (draft: SubscriptionDraft) =>
  ask<Subscription>('POST', '/v1/subscriptions', { body: draft })
/** What the receiver of a draft answers to a test delivery; nothing is stored. */
export const trySubscription = (draft: SubscriptionDraft) =>
  ask<TestResult>('POST', '/v1/subscriptions/try', { body: draft })
export const changeSubscription = (id: string, change: Readonly<Record<string, unknown>>) =>
  ask<Subscription>('PATCH', path(id), { body: change })
export const deleteSubscription = (id: string) => ask<void>('DELETE', path(id))
export const enableSubscription = (id: string, from: 'stopped' | 'now' = 'stopped') =>
  ask<Subscription>('POST', path(id, '/enable'), { body: { from } })
export const disableSubscription = (id: string) => ask<Subscription>('POST', path(id, '/disable'), { body: {} })
export const testSubscription = (id: string, type?: string) =>
  ask<TestResult>('POST', path(id, '/test'), { body: type === undefined ? {} : { type } })
export const rotateSecret = (id: string, overlapSeconds: number) =>
  ask<{ readonly signingSecret?: string; readonly signingPublicKey?: string }>('POST', path(id, '/rotate-secret'), {
    body: { overlapSeconds },
  })
export const rewindSubscription = (id: string, to: Start) =>
  ask<{ readonly behind: number; readonly notGranted?: NotGranted }>('POST', path(id, '/rewind'), { body: { to } })
export const steerCatchUp = (id: string, action: 'pause' | 'resume' | 'cancel') =>
  ask<Subscription>('POST', path(id, `/catch-up/${action}`), { body: {} })
