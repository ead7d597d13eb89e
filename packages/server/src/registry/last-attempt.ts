import type { AttemptRecord, DeliveryStore } from '../deliver/delivery-store.ts'

/** Waiting deliveries are listed by when they fall due, so the newest attempt may be any of theirs. */
const mostWaiting = 500

/** The newest attempt of a subscription; null: none is kept. */
export async function lastAttemptOf(
  store: Pick<DeliveryStore, 'list'>,
  subscription: number,
): Promise<AttemptRecord | null> {
  const query = { subscriptions: [subscription], cursor: null }
  const [ended, waiting] = await Promise.all([
    store.list({ ...query, statuses: new Set(['delivered', 'failed', 'superseded']), limit: 1 }),
    store.list({ ...query, statuses: new Set(['waiting']), limit: mostWaiting }),
  ])
  let newest: AttemptRecord | null = null
  for (const { lastAttempt } of [...ended.rows, ...waiting.rows]) {
    if (lastAttempt && (newest === null || lastAttempt.atMs > newest.atMs)) newest = lastAttempt
  }
  return newest
}
