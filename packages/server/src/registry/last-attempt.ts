import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import type { HistoryStore } from '../deliver/history/history-store.ts'

/** Waiting deliveries are listed by when they fall due, so the newest attempt may be any of theirs. */
const mostWaiting = 500

/** The newest attempt of a subscription; null: none is kept. */
export async function lastAttemptOf(
  history: Pick<HistoryStore, 'list'>,
  subscription: number,
): Promise<AttemptRecord | null> {
  const query = { subscriptions: [subscription], cursor: null }
  const [ended, waiting] = await Promise.all([
    history.list({ ...query, statuses: new Set(['delivered', 'failed', 'superseded']), limit: 1 }),
    history.list({ ...query, statuses: new Set(['waiting']), limit: mostWaiting }),
  ])
  let newest: AttemptRecord | null = null
  for (const { lastAttempt } of [...ended.rows, ...waiting.rows]) {
    if (lastAttempt && (newest === null || lastAttempt.atMs > newest.atMs)) newest = lastAttempt
  }
  return newest
}
