import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { HistoryStore } from './history-store.ts'

/** Waiting deliveries are listed by when they fall due, so the newest attempt may be any of theirs. */
const mostWaiting = 500

/** What became of a subscription's deliveries, for contracts that show the newest attempt with a subscription. */
export class LastAttempts {
  readonly #history: Pick<HistoryStore, 'list'>
  readonly #settlements: { flush(): Promise<void> }

  /** @param settlements makes everything that was settled until now part of the history */
  constructor(history: Pick<HistoryStore, 'list'>, settlements: { flush(): Promise<void> }) {
    this.#history = history
    this.#settlements = settlements
  }

  /** The newest attempt of a subscription; null: none is kept. */
  async lastAttempt({ number }: Pick<Subscription, 'number'>): Promise<AttemptRecord | null> {
    await this.#settlements.flush()
    const query = { subscriptions: [number], cursor: null }
    const [ended, waiting] = await Promise.all([
      this.#history.list({ ...query, statuses: new Set(['delivered', 'failed', 'superseded']), limit: 1 }),
      this.#history.list({ ...query, statuses: new Set(['waiting']), limit: mostWaiting }),
    ])
    let newest: AttemptRecord | null = null
    for (const { lastAttempt } of [...ended.rows, ...waiting.rows]) {
      if (lastAttempt && (newest === null || lastAttempt.atMs > newest.atMs)) newest = lastAttempt
    }
    return newest
  }
}
