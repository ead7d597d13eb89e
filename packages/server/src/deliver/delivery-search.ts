import type { DeliveryStatus } from '../core/delivery/delivery.ts'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { DeliveryPage, HistoryStore } from './history/history-store.ts'

/** Which deliveries are meant, by everything that a list shows. */
export interface DeliverySearch {
  /** Null: all that there are. */
  readonly subscriptions: readonly number[] | null
  readonly statuses: ReadonlySet<DeliveryStatus> | null
  /** Null: any. */
  readonly wantsType: ((type: string) => boolean) | null
  readonly tenants: ReadonlySet<TenantId> | null
  /** The entity's id, or its composite key as JSON text; null: any. */
  readonly entityKey: string | null
  /** Of the last attempt; null: any. */
  readonly error: string | null
  /** The last attempt was made at or after, and before. */
  readonly sinceMs: number
  readonly untilMs: number
}

/** Of these subscriptions and no others. */
export interface DeliverySearchAmong extends DeliverySearch {
  readonly subscriptions: readonly number[]
}

/** All deliveries of these subscriptions. */
export function everyDelivery(subscriptions: readonly number[]): DeliverySearchAmong {
  return {
    subscriptions,
    statuses: null,
    wantsType: null,
    tenants: null,
    entityKey: null,
    error: null,
    sinceMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
  }
}

const pageSize = 500
/** Rows that one page of a list looks at: a rare kind among millions takes more pages, not a longer one (invariant 8). */
const mostLookedAt = 10_000

/** Deliveries that are meant, of one page of the store, and where to go on. */
export interface FoundPage {
  readonly rows: readonly DeliveryRow[]
  readonly next: string | null
}

/** All deliveries that are meant, newest first, page by page, so that a million of them hold no memory. */
export async function* searchDeliveries(
  history: HistoryStore,
  search: DeliverySearch,
  from: string | null = null,
): AsyncGenerator<FoundPage> {
  let cursor = from
  do {
    const page: DeliveryPage = await listed(history, search, { limit: pageSize, cursor })
    yield { rows: meantOf(page, search), next: page.next }
    cursor = page.next
  } while (cursor !== null)
}

/**
 * One page of those that are meant, newest first. It has fewer than `limit`, and may have none, when
 * what it looked at is bounded before that: `next` says whether there is more.
 */
export async function searchPage(
  history: HistoryStore,
  search: DeliverySearch,
  { limit, cursor: from }: { readonly limit: number; readonly cursor: string | null },
): Promise<FoundPage> {
  const rows: DeliveryRow[] = []
  let cursor = from
  for (let lookedAt = 0; lookedAt < mostLookedAt; lookedAt += pageSize) {
    let page = await listed(history, search, { limit: isAny(search) ? limit : pageSize, cursor })
    let meant = meantOf(page, search)
    while (rows.length + meant.length > limit) {
      // The cursor stands after the last row of a page: this one has to end with the last row that is shown.
      const size = page.rows.indexOf(meant[limit - rows.length - 1]!) + 1
      page = await listed(history, search, { limit: size, cursor })
      meant = meantOf(page, search)
    }
    rows.push(...meant)
    cursor = page.next
    if (cursor === null || rows.length === limit) break
  }
  return { rows, next: cursor }
}

function listed(
  history: HistoryStore,
  { subscriptions, statuses }: DeliverySearch,
  place: { readonly limit: number; readonly cursor: string | null },
): Promise<DeliveryPage> {
  return history.list({ subscriptions, statuses, ...place })
}

function meantOf({ rows }: DeliveryPage, search: DeliverySearch): DeliveryRow[] {
  return rows.filter((row) => isMeant(row, search))
}

export function isMeant(row: DeliveryRow, search: DeliverySearch): boolean {
  const atMs = row.lastAttempt?.atMs ?? 0
  if (!(search.wantsType?.(row.type) ?? true) || atMs < search.sinceMs || atMs >= search.untilMs) return false
  if (search.tenants !== null && !search.tenants.has(row.tenantId)) return false
  if (search.entityKey !== null && search.entityKey !== row.entityKey) return false
  return search.error === null || row.lastAttempt?.error === search.error
}

/** Nothing but subscriptions and statuses was asked for: whatever the store lists is meant. */
function isAny({ wantsType, tenants, entityKey, error, sinceMs, untilMs }: DeliverySearch): boolean {
  const isAnyTime = sinceMs === Number.NEGATIVE_INFINITY && untilMs === Number.POSITIVE_INFINITY
  return wantsType === null && tenants === null && entityKey === null && error === null && isAnyTime
}
