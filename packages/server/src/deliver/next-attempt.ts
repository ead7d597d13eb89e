import type { Lane } from './queue/lane.ts'
import type { Turns } from './turns/turns.ts'

/** When the next attempt may be made, were all there is room for it; null: nothing waits. */
export async function nextAttemptAtMs(
  lanes: readonly Lane[],
  turns: Pick<Turns<Lane>, 'restOf'>,
  /** Of what waits, but for some subscriptions; null: nothing does. */
  nextDueMs: (excluding: ReadonlySet<number>) => Promise<number | null>,
  nowMs: number,
): Promise<number | null> {
  const disabled = lanes.filter(({ subscription, policy }) => {
    return subscription.status === 'disabled' && !policy.retriesWhileDisabled
  })
  const awake = lanes.filter((lane) => !disabled.includes(lane))
  const resting = awake.flatMap((lane) => {
    const rest = turns.restOf(lane, nowMs)
    return rest ? [{ lane, untilMs: rest.untilMs }] : []
  })
  const isResting = (lane: Lane) => resting.some((each) => each.lane === lane)
  const others = [...disabled, ...resting.map(({ lane }) => lane)]
  const times = [await nextDueMs(new Set(others.map(({ number }) => number)))]
  for (const lane of awake) if (lane.queued > 0 && !isResting(lane)) times.push(nowMs)
  for (const { lane, untilMs } of resting) {
    const excluding = new Set(lanes.filter((other) => other !== lane).map(({ number }) => number))
    const dueMs = await nextDueMs(excluding)
    if (lane.queued > 0) times.push(untilMs)
    else if (dueMs !== null) times.push(Math.max(untilMs, dueMs))
  }
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}
