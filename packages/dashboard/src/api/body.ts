import { queryOptions } from '@tanstack/react-query'
import type { EventName } from './event.ts'
import { ask, segment } from './http.ts'

export interface Header {
  readonly name: string
  readonly value: string
}

/** An event as a dialect sends it, to a subscription with no settings of its own and without a signature. */
export interface Body {
  readonly dialect: string
  /** The type's name there. */
  readonly name: string
  readonly headers: readonly Header[]
  readonly body: string | null
}

export const bodiesQuery = ({ id, tenant }: EventName) =>
  queryOptions({
    queryKey: ['event', id, tenant, 'bodies'],
    queryFn: ({ signal }) =>
      ask<{ readonly items: readonly Body[] }>('GET', `/v1/events/${segment(id)}/bodies`, {
        query: { tenant },
        signal,
      }),
    staleTime: 300_000,
  })
