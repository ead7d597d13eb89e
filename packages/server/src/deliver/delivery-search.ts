import type { DeliveryStatus } from '../core/delivery.ts'
import type { TenantId } from '../core/tenant-id.ts'
import type { DeliveryRow, DeliveryStore } from './delivery-store.ts'

/** Which deliveries are meant, by everything that a list shows. */
export interface DeliverySearch {
  readonly subscriptions: readonly number[]
  readonly statuses: ReadonlySet<DeliveryStatus> | null
  readonly wantsType: (type: string) => boolean
  readonly tenants: ReadonlySet<TenantId> | null
  /** Of the last attempt; null: any. */
  readonly error: string | null
  /** The last attempt was made at or after, and before. */
  readonly sinceMs: number
  readonly untilMs: number
}

const pageSize = 500

/** All deliveries that are meant, newest first, page by page, so that a million of them hold no memory. */
export async function* searchDeliveries(store: DeliveryStore, search: DeliverySearch): AsyncGenerator<DeliveryRow[]> {
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<DeliveryStore['list']>> = await store.list({
      subscriptions: search.subscriptions,
      statuses: search.statuses,
      limit: pageSize,
      cursor,
    })
    yield page.rows.filter((row) => isMeant(row, search))
    cursor = page.next
  } while (cursor !== null)
}

function isMeant(row: DeliveryRow, search: DeliverySearch): boolean {
  const atMs = row.lastAttempt?.atMs ?? 0
  if (!search.wantsType(row.type) || atMs < search.sinceMs || atMs >= search.untilMs) return false
  if (search.tenants !== null && !search.tenants.has(row.tenantId)) return false
  return search.error === null || row.lastAttempt?.error === search.error
}
