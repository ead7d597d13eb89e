import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { LogPlace } from '../core/event/event.ts'
import { decodeCursor, encodeCursor } from '../core/ids/cursor.ts'
import { type DeliverySearchAmong, type FoundPage, isMeant } from './delivery-search.ts'
import type { HistoryStore } from './history/history-store.ts'

/** Subscriptions that one page asks the store about: a rare one among many takes more pages, not a longer one (invariant 8). */
const mostAsked = 1_000
/** Asked at once; what else the store has to do comes between. */
const together = 50

/**
 * One page of the deliveries of one event that are meant. A delivery's key is its subscription and the event's
 * place, so they need no index: the store is asked for each subscription that may have one. A page may be short,
 * even empty, while `next` says that there is more.
 */
export async function eventDeliveries(
  history: Pick<HistoryStore, 'find'>,
  search: DeliverySearchAmong,
  { partition, position }: LogPlace,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | null },
): Promise<FoundPage> {
  const after = cursor === null ? -1 : (decodeCursor(cursor, ['number'])[0] as number)
  const numbers = search.subscriptions.filter((number) => number > after).sort((a, b) => a - b)
  const rows: DeliveryRow[] = []
  for (let at = 0; at < numbers.length; at += together) {
    if (at >= mostAsked) return { rows, next: encodeCursor([numbers[at - 1]!]) }
    const asked = numbers.slice(at, at + together)
    const found = await Promise.all(asked.map((subscription) => history.find({ subscription, partition, position })))
    for (const row of found) {
      if (!row || !isMeant(row, search)) continue
      if (search.statuses !== null && !search.statuses.has(row.status)) continue
      if (rows.length === limit) return { rows, next: encodeCursor([rows.at(-1)!.subscription]) }
      rows.push(row)
    }
  }
  return { rows, next: null }
}
