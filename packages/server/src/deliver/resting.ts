import type { Lane } from './lane.ts'
import { atTime } from './turns/breaker.ts'

/** Until when nothing is sent to the lane's endpoint, because it fails or asked for it; null: it may be tried. */
export function restsUntilMs(lane: Pick<Lane, 'breaker' | 'heldUntilMs'>, nowMs: number): number | null {
  const breaker = atTime(lane.breaker, nowMs)
  const untilMs = Math.max(breaker.state === 'open' ? breaker.untilMs : 0, lane.heldUntilMs)
  return untilMs > nowMs ? untilMs : null
}
