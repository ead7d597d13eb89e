import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import { type DeliverySearch, searchDeliveries } from './delivery-search.ts'
import type { HistoryStore } from './history-store.ts'

export interface BulkResendDeps {
  readonly history: HistoryStore
  readonly nowMs: () => number
  /** Makes deliveries due now, durably. */
  readonly resend: (rows: readonly DeliveryRow[]) => Promise<void>
}

/** One page of deliveries was put in line. */
export interface ResendStep {
  readonly resent: number
  /** Were in line already. */
  readonly skipped: number
  /** Where the next step begins; null: that was the last one. */
  readonly next: string | null
}

/** Sends again what is meant, newest first, page by page, from a cursor on. What a step tells of is durable. */
export async function* resendSteps(
  deps: BulkResendDeps,
  search: DeliverySearch,
  from: { readonly cursor: string | null; readonly startedAtMs: number },
): AsyncGenerator<ResendStep> {
  for await (const { rows, next } of searchDeliveries(deps.history, search, from.cursor)) {
    const nowMs = deps.nowMs()
    // A delivery that is due is already queued.
    const meant = rows.filter(({ nextAttemptAtMs }) => nextAttemptAtMs === null || nextAttemptAtMs > nowMs)
    // Put in line by an earlier step, a delivery that waited comes again further down the list.
    const skipped = rows.filter(({ nextAttemptAtMs: dueMs }) => dueMs !== null && dueMs < from.startedAtMs).length
    if (meant.length > 0) await deps.resend(meant)
    yield { resent: meant.length, skipped, next }
  }
}
