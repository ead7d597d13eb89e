import { infiniteQueryOptions } from '@tanstack/react-query'
import type { TidingsEvent } from './event.ts'
import { ask, type Page } from './http.ts'

export interface EventSearch {
  readonly topic?: string | undefined
  readonly types?: string | undefined
  readonly tenant?: string | undefined
  readonly entity?: string | undefined
  /** RFC 3339. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Newest first. */
export const eventsQuery = (search: EventSearch, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['events', search, limit],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<TidingsEvent>>('GET', '/v1/events', { query: { ...search, cursor: pageParam, limit }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    // What comes later arrives by the stream.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
