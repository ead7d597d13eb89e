import { queryOptions } from '@tanstack/react-query'
import { ask } from './http.ts'

/** How the application that Tidings serves looks. */
export interface Appearance {
  readonly name: string | null
  /** An address, or the image itself as `data:`. */
  readonly logo: string | null
  readonly colors: Readonly<Partial<Record<'accent' | 'onAccent' | 'background' | 'text', string>>>
}

export const appearanceQuery = queryOptions({
  queryKey: ['appearance'],
  queryFn: ({ signal }) => ask<Appearance>('GET', '/v1/appearance', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})
