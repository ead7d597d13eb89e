import { everyShare } from '../core/delivery/shares.ts'
import type { Clock } from '../core/time/clock.ts'
import type { DueStore } from '../deliver/due-store.ts'
import type { Directory } from '../registry/directory.ts'

/**
 * For how long the oldest delivery has waited that should have been attempted. Those of a subscription
 * that is disabled, or fails, wait with good reason.
 */
export async function overdueMs(directory: Directory, due: DueStore, clock: Clock): Promise<number> {
  const excluding = new Set<number>()
  for (const { number, status, failingSince } of directory.subscriptions.values()) {
    if (status === 'disabled' || failingSince !== null) excluding.add(number)
  }
  const dueMs = await due.nextDueMs({ shares: everyShare, excluding })
  return dueMs === null ? 0 : Math.max(0, clock.now() - dueMs)
}
