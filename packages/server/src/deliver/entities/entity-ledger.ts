import { deliveryOf, type WaitingDelivery } from '../../core/delivery/delivery.ts'
import type { HistoryStore } from '../history/history-store.ts'
import { entityOf } from './entity-order.ts'

/** The due time of a delivery that waits for an older one of its entity, not for a time: the last moment of a Date. */
export const heldDueMs = 8_640_000_000_000_000

/**
 * What one subscription has on each entity, for `ordering: entity` and `coalesce: latest`: attempts
 * under way, and the waiting rows of the store, oldest first.
 */
export class EntityLedger {
  readonly #underWay = new Map<string, number>()
  readonly #waiting = new Map<string, WaitingDelivery[]>()

  isUnderWay(entity: string): boolean {
    return this.#underWay.has(entity)
  }

  begin(entity: string): void {
    this.#underWay.set(entity, (this.#underWay.get(entity) ?? 0) + 1)
  }

  end(entity: string): void {
    const count = (this.#underWay.get(entity) ?? 0) - 1
    if (count > 0) this.#underWay.set(entity, count)
    else this.#underWay.delete(entity)
  }

  waitingOf(entity: string): readonly WaitingDelivery[] {
    return this.#waiting.get(entity) ?? []
  }

  oldestOf(entity: string): WaitingDelivery | undefined {
    return this.#waiting.get(entity)?.[0]
  }

  entities(): Iterable<string> {
    return this.#waiting.keys()
  }

  /** Rows that wait for an older one. */
  *held(): Iterable<WaitingDelivery> {
    for (const rows of this.#waiting.values()) for (const row of rows) if (row.dueAtMs === heldDueMs) yield row
  }

  /** Adds a row, or replaces the one of the same event. */
  wait(entity: string, row: WaitingDelivery): void {
    const rows = this.#waiting.get(entity) ?? []
    const others = rows.filter((other) => other.position !== row.position)
    const place = others.findIndex((other) => other.position > row.position)
    others.splice(place < 0 ? others.length : place, 0, row)
    this.#waiting.set(entity, others)
  }

  forget(entity: string, position: number): void {
    const rows = this.#waiting.get(entity)?.filter((row) => row.position !== position)
    if (!rows) return
    if (rows.length > 0) this.#waiting.set(entity, rows)
    else this.#waiting.delete(entity)
  }
}

/** Fills a ledger with what waits in the store. */
export async function loadLedger(history: HistoryStore, subscription: number, ledger: EntityLedger): Promise<void> {
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<HistoryStore['list']>> = await history.list({
      subscriptions: [subscription],
      statuses: new Set(['waiting']),
      limit: 500,
      cursor,
    })
    for (const row of page.rows) {
      ledger.wait(entityOf(row), {
        ...deliveryOf(row),
        attempts: row.attempts,
        firstAttemptAtMs: row.lastAttempt?.atMs ?? 0,
        dueAtMs: row.nextAttemptAtMs ?? heldDueMs,
      })
    }
    cursor = page.next
  } while (cursor !== null)
}
