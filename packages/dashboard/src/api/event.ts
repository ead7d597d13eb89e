import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Delivery } from './delivery.ts'
import { ask, type Page, segment } from './http.ts'
import type { TenantId } from './tenant-id.ts'

export interface TidingsEvent {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly tenantId: TenantId
  readonly entityId?: string
  readonly keys?: readonly Readonly<Record<string, unknown>>[]
  readonly topic: string
  readonly offset: string
  readonly version?: unknown
  readonly state?: string
  readonly actor?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
  readonly changed?: readonly Readonly<Record<string, unknown>>[]
  readonly quiet?: boolean
}

export interface EventWithDeliveries extends TidingsEvent {
  readonly deliveries: readonly Delivery[]
}

export type Reason =
  | Delivery['status']
  | 'not_granted'
  | 'type_not_subscribed'
  | 'not_in_dialect'
  | 'filtered'
  | 'quiet'
  | 'before_start'
  | 'disabled'
  | 'skipped'
  | 'expired'

export type Mend =
  | { readonly action: 'resend'; readonly delivery: string }
  | { readonly action: 'enable' | 'resume'; readonly subscription: string }
  | { readonly action: 'rewind'; readonly subscription: string; readonly to: { readonly time: string } }
  | { readonly action: 'grant'; readonly integrationId: string; readonly tenantId: TenantId }
  | { readonly action: 'change'; readonly subscription: string; readonly change: Readonly<Record<string, unknown>> }

export interface Explanation {
  readonly subscription: string
  readonly event: string
  readonly due: boolean
  readonly reason: Reason
  readonly detail: string
  readonly delivery: string | null
  readonly mend: readonly Mend[]
}

export interface EventName {
  readonly id: string
  /** Whose event, where several tenants use one id. */
  readonly tenant?: string | undefined
}

export const eventQuery = ({ id, tenant }: EventName) =>
  queryOptions({
    queryKey: ['event', id, tenant],
    queryFn: ({ signal }) =>
      ask<EventWithDeliveries>('GET', `/v1/events/${segment(id)}`, { query: { tenant }, signal }),
  })

export const explanationsQuery = ({ id, tenant }: EventName) =>
  infiniteQueryOptions({
    queryKey: ['event', id, tenant, 'explain'],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<Explanation>>('GET', `/v1/events/${segment(id)}/explain`, {
        query: { tenant, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export interface PublishedEvent {
  readonly id: string
  readonly topic: string
  readonly offset: string
  readonly duplicate: boolean
  readonly tenantKnown?: false
}

/** @param event as it was typed, parsed so that no digit of it is lost on the way */
export const publishEvent = (event: unknown) =>
  ask<{ readonly events: readonly PublishedEvent[] }>('POST', '/v1/events', { body: event })
