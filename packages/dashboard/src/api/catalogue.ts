import { queryOptions } from '@tanstack/react-query'
import type { Body } from './body.ts'
import { ask, type Page, segment } from './http.ts'

export interface EventType {
  readonly type: string
  readonly topic: string
  readonly description: string
  readonly attributes: readonly { readonly name: string; readonly type: string }[]
  readonly names: Readonly<Record<string, string>>
  readonly dataSchema?: Readonly<Record<string, unknown>>
}

/** All of it: a catalogue has hundreds of types, not thousands, and it is searched as one types. */
export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: async ({ signal }) => {
    const types: EventType[] = []
    let cursor: string | undefined
    do {
      const page: Page<EventType> = await ask('GET', '/v1/event-types', { query: { cursor, limit: 500 }, signal })
      types.push(...page.items)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    return types
  },
  staleTime: 300_000,
})

/** An event that never was, as a dialect would send it. */
export interface Sample extends Body {
  /** What one would publish for it. */
  readonly event: Readonly<Record<string, unknown>>
}

export const samplesQuery = (type: string) =>
  queryOptions({
    queryKey: ['catalogue', type, 'samples'],
    queryFn: async ({ signal }) => {
      const path = `/v1/event-types/${segment(type)}/samples`
      return (await ask<{ readonly items: readonly Sample[] }>('GET', path, { signal })).items
    },
    staleTime: 300_000,
  })

export const dialects = [
  'standard',
  'cloudevents',
  'fortnox',
  'tripletex',
  'visma-business-nxt',
  'fakturownia',
  'moneybird',
] as const
export const webhookDialects = dialects.filter((dialect) => dialect !== 'fortnox')
