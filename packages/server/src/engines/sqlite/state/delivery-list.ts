import type { AttemptRecord } from '../../../core/delivery/attempt-record.ts'
import { type DeliveryKey, type DeliveryStatus, deliveryOf } from '../../../core/delivery/delivery.ts'
import {
  byNewest,
  type DeliveryPlace,
  decodeDeliveryCursor,
  encodeDeliveryCursor,
} from '../../../core/delivery/delivery-order.ts'
import type { DeliveryRow } from '../../../core/delivery/delivery-row.ts'
import type { DeliveryQuery } from '../../../deliver/history/history-store.ts'
import { type AttemptDays, dayEndMs, type ListBound } from './attempt-days.ts'
import type { OutstandingTable } from './outstanding.ts'

interface Entry {
  readonly place: DeliveryPlace
  readonly row: Omit<DeliveryRow, 'lastAttempt'>
  /** Undefined: not looked up yet. */
  readonly lastAttempt: AttemptRecord | undefined
}

const end = Number.MAX_SAFE_INTEGER
/** Before everything that a list shows. */
const first: DeliveryPlace = { timeMs: end, subscription: end, partition: end, position: end }

/**
 * One page, newest first. Outstanding rows and delivered ones are two sources, each asked for one
 * subscription at a time, or for all at once, and each only for what is newer than the oldest entry of a full page:
 * a page costs about its own length, however long the history is.
 */
export function listDeliveries(
  query: DeliveryQuery,
  sources: { outstanding: OutstandingTable; days: AttemptDays },
): { rows: readonly DeliveryRow[]; next: string | null } {
  const after = query.cursor === null ? null : decodeDeliveryCursor(query.cursor)
  const page = new NewestEntries(query.limit + 1)
  const wants = (status: DeliveryStatus) => query.statuses === null || query.statuses.has(status)
  const request = (subscription: number) => ({
    subscription,
    below: boundFor(subscription, after),
    fromMs: page.fromMs,
    limit: query.limit + 1,
  })

  const newest = () => ({ below: after ?? first, fromMs: page.fromMs, limit: query.limit + 1 })
  const outstanding = (status: DeliveryStatus) => {
    if (query.subscriptions === null) return [() => sources.outstanding.newest(status, newest())]
    return query.subscriptions.map((each) => () => sources.outstanding.list(status, request(each)))
  }
  const delivered = (day: number) => {
    if (query.subscriptions === null) return [() => sources.days.newest(day, newest())]
    return query.subscriptions.map((each) => () => sources.days.delivered(day, request(each)))
  }

  for (const status of ['waiting', 'failed', 'superseded'] as const) {
    if (!wants(status)) continue
    for (const rows of outstanding(status)) {
      for (const { timeMs, delivery } of rows()) {
        page.add({ place: placeOf(timeMs, delivery), row: delivery, lastAttempt: undefined })
      }
      page.cut()
    }
  }
  if (wants('delivered')) {
    for (const day of sources.days.daysUntil(after?.timeMs ?? end)) {
      if (dayEndMs(day) <= page.fromMs) break
      for (const attempts of delivered(day)) {
        for (const attempt of attempts()) {
          page.add({ place: placeOf(attempt.atMs, attempt), row: deliveredRow(attempt), lastAttempt: attempt })
        }
        page.cut()
      }
    }
  }

  const entries = page.entries.slice(0, query.limit)
  return {
    rows: entries.map(({ row, lastAttempt }) => ({
      ...row,
      lastAttempt: lastAttempt === undefined ? sources.days.latestOf(row) : lastAttempt,
    })),
    next: page.entries.length > query.limit ? encodeDeliveryCursor(entries.at(-1)!.place) : null,
  }
}

/** The newest entries found so far, at most `size` of them. */
class NewestEntries {
  entries: Entry[] = []
  /** Nothing older than this can still get onto the page. */
  fromMs = 0
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  add(entry: Entry): void {
    this.entries.push(entry)
  }

  cut(): void {
    this.entries = this.entries.sort((a, b) => byNewest(a.place, b.place)).slice(0, this.#size)
    if (this.entries.length === this.#size) this.fromMs = this.entries.at(-1)!.place.timeMs
  }
}

export function deliveredRow(attempt: AttemptRecord): Omit<DeliveryRow, 'lastAttempt'> {
  return { ...deliveryOf(attempt), status: 'delivered', attempts: attempt.attempt, nextAttemptAtMs: null }
}

function placeOf(timeMs: number, key: DeliveryKey): DeliveryPlace {
  return { timeMs, subscription: key.subscription, partition: key.partition, position: key.position }
}

/** The page before ended within one subscription: of those listed before it at the same time nothing is left, of those after it everything. */
function boundFor(subscription: number, after: DeliveryPlace | null): ListBound {
  if (after === null) return { timeMs: end, partition: end, position: end }
  if (subscription === after.subscription) return after
  return subscription < after.subscription
    ? { timeMs: after.timeMs, partition: end, position: end }
    : { timeMs: after.timeMs, partition: -1, position: -1 }
}
