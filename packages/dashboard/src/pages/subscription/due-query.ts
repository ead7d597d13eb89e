import { queryOptions } from '@tanstack/react-query'
import type { TidingsEvent } from '../../api/event.ts'
import { ask, type Page } from '../../api/http.ts'
import type { Subscription } from '../../api/subscription.ts'

/** Counted to the last one up to so many. */
const mostCounted = 500

/**
 * How many events a rewind to a time reads again for a subscription, by its types, tenants and filter. Grants and
 * dialects let through some of them, so it is no less than what is sent.
 */
export const dueQuery = ({ id, types, tenants, filter }: Subscription, since: string) =>
  queryOptions({
    queryKey: ['subscription', id, 'due', since],
    queryFn: async ({ signal }) => {
      const ofTenants = Array.isArray(tenants) ? [{ tenantId: tenants }] : []
      const all = [...ofTenants, ...(filter === null ? [] : [filter])]
      const { items, next } = await ask<Page<TidingsEvent>>('GET', '/v1/events', {
        query: {
          since,
          types: types.join(','),
          filter: all.length === 0 ? undefined : JSON.stringify({ $and: all }),
          limit: mostCounted,
        },
        signal,
      })
      return { events: items.length, isWhole: next === null }
    },
  })
