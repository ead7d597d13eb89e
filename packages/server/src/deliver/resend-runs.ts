import { AsyncLocalStorage } from 'node:async_hooks'
import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { Resend } from '../core/registry/registry.ts'
import { type DeliverySearch, searchDeliveries } from './delivery-search.ts'
import type { HistoryStore } from './history/history-store.ts'

/** One page of deliveries was queued. */
export interface ResendStep {
  readonly resent: number
  /** Were queued already. */
  readonly skipped: number
  /** Where the next step begins; null: that was the last one. */
  readonly next: string | null
}

/** Where resends are kept. A change is durable when it resolves. */
export interface ResendRecords {
  get(id: string): Resend | undefined
  running(): readonly Resend[]
  /** Notes what a step did; the last step ends it. Undefined: it is gone. */
  advance(id: string, step: ResendStep): Promise<Resend | undefined>
  end(id: string, status: 'cancelled'): Promise<void>
  /** Drops those that ended long ago, or that are too many; of one integration, or of all. */
  dropOld(integrationId?: string): Promise<void>
}

export interface ResendsDeps {
  readonly history: HistoryStore
  readonly nowMs: () => number
  /** Makes deliveries due now, durably. */
  readonly resend: (rows: readonly DeliveryRow[]) => Promise<void>
  readonly records: ResendRecords
  /** Undefined: its subscription is gone. */
  readonly searchOf: (resend: Resend) => DeliverySearch | undefined
  /** Everything settled is in the store. */
  readonly flush: () => Promise<void>
  readonly onFailure: (error: unknown) => void
}

/**
 * Bulk resends run without the requests that asked for them, page by page in turn, so that a
 * large one holds up no other. How far each came is kept with every page: after a stop it goes on there.
 */
export class ResendRuns {
  readonly #deps: ResendsDeps
  readonly #runs = new Set<Promise<void>>()
  /** Ended by a failure while this process runs; the next start goes on with them. */
  readonly #interrupted = new Set<string>()
  /** A resend outlives the request that began it, so its later work is not attributed to that request. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #turn: Promise<unknown> = Promise.resolve()
  #isStopping = false

  constructor(deps: ResendsDeps) {
    this.#deps = deps
  }

  /** Goes on with those that an earlier run did not end. */
  start(): void {
    const { records, onFailure } = this.#deps
    records.dropOld().catch(onFailure)
    for (const { id } of records.running()) this.run(id)
  }

  run(id: string): void {
    const run = this.#outside(() => this.#run(id))
      .catch((error: unknown) => {
        this.#interrupted.add(id)
        if (!this.#isStopping) this.#deps.onFailure(error)
      })
      .finally(() => this.#runs.delete(run))
    this.#runs.add(run)
  }

  isInterrupted(id: string): boolean {
    return this.#interrupted.has(id)
  }

  /** Ends the pages under way. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#runs)
  }

  async #run(id: string): Promise<void> {
    const { records, searchOf, flush } = this.#deps
    const resend = records.get(id)
    const search = resend && searchOf(resend)
    if (!resend) return
    await records.dropOld(resend.integrationId)
    if (!search) return records.end(id, 'cancelled')
    const startedAtMs = Date.parse(resend.startedAt)
    // A delivery that was sent again and failed again is not sent a third time, even when a crash repeats a page.
    const meant = { ...search, untilMs: Math.min(search.untilMs, startedAtMs) }
    await flush()
    const steps = this.#steps(meant, { cursor: resend.cursor, startedAtMs })
    for (;;) {
      const isOver = await this.#inTurn(async () => {
        const now = records.get(id)
        if (this.#isStopping || now?.status !== 'running') return true
        if (!searchOf(now)) {
          await records.end(id, 'cancelled')
          return true
        }
        const step = await steps.next()
        return step.done === true || (await records.advance(id, step.value)) === undefined
      })
      if (isOver) return
    }
  }

  /** Sends again what is meant, newest first, page by page, from a cursor on. What a step tells of is durable. */
  async *#steps(
    search: DeliverySearch,
    from: { readonly cursor: string | null; readonly startedAtMs: number },
  ): AsyncGenerator<ResendStep> {
    const { history, nowMs, resend } = this.#deps
    for await (const { rows, next } of searchDeliveries(history, search, from.cursor)) {
      const now = nowMs()
      // A delivery that is due is already queued.
      const meant = rows.filter(({ nextAttemptAtMs: dueMs }) => dueMs === null || dueMs > now)
      // A delivery that waited and was queued by an earlier step comes again further down the list.
      const skipped = rows.filter(({ nextAttemptAtMs: dueMs }) => dueMs !== null && dueMs < from.startedAtMs).length
      if (meant.length > 0) await resend(meant)
      yield { resent: meant.length, skipped, next }
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
