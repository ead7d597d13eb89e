import { everyShare } from '../core/delivery/shares.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { DueStore } from './due-store.ts'

/**
 * For how long the oldest delivery has waited that should have been attempted, in milliseconds. Those of a subscription
 * that is disabled, or fails, wait with good reason.
 */
export async function overdueMs(
  due: Pick<DueStore, 'nextDueMs'>,
  subscriptions: Iterable<Subscription>,
  nowMs: number,
): Promise<number> {
  const excluding = new Set<number>()
  for (const { number, status, failingSince } of subscriptions) {
    if (status === 'disabled' || failingSince !== null) excluding.add(number)
  }
  const dueMs = await due.nextDueMs({ shares: everyShare, excluding })
  return dueMs === null ? 0 : Math.max(0, nowMs - dueMs)
}
