import type { DueStore } from '../deliver/due-store.ts'
import type { Lane } from '../deliver/lane.ts'
import { restsUntilMs } from '../deliver/resting.ts'

/** When the next attempt may be made, were all there is room for it; null: nothing waits. */
export async function nextAttemptAtMs(
  lanes: readonly Lane[],
  due: Pick<DueStore, 'nextDueMs'>,
  nowMs: number,
): Promise<number | null> {
  const resting = lanes.filter(({ subscription, policy }) => {
    return subscription.status === 'disabled' && !policy.retriesWhileDisabled
  })
  const awake = lanes.filter((lane) => !resting.includes(lane))
  const open = awake.filter((lane) => restsUntilMs(lane, nowMs) !== null)
  const numbersOf = (some: readonly Lane[]) => some.map(({ subscription }) => subscription.number)
  const times = [await due.nextDueMs({ excluding: new Set(numbersOf([...resting, ...open])) })]
  for (const lane of awake) if (lane.queued > 0 && !open.includes(lane)) times.push(nowMs)
  for (const lane of open) {
    const untilMs = restsUntilMs(lane, nowMs) ?? nowMs
    const dueMs = await due.nextDueMs({ excluding: new Set(numbersOf(lanes.filter((other) => other !== lane))) })
    if (lane.queued > 0) times.push(untilMs)
    else if (dueMs !== null) times.push(Math.max(untilMs, dueMs))
  }
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}
