import type { TidingsEvent } from './event.ts'
import { ask } from './http.ts'
import type { TenantId } from './tenant-id.ts'

/** What a filter would let through of the newest events. Nothing is stored or sent. */
export interface FilterTrial {
  readonly tried: number
  readonly matched: number
  readonly items: readonly { readonly matches: boolean; readonly event: TidingsEvent }[]
}

export const tryFilter = (types: readonly string[], tenants: readonly TenantId[], filter: unknown) =>
  ask<FilterTrial>('POST', '/v1/filters/try', { body: { types, tenants, filter, limit: 10 } })
