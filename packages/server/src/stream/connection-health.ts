import { hasElapsed } from '../core/time/elapsed.ts'

/** What the server can tell of a connection by looking at it once a second. */
export interface ConnectionHealth {
  readonly openedAtMs: number
  /** A command was answered with success. */
  readonly hasSucceeded: boolean
  /** When the message began that is not whole yet. */
  readonly messageStartedAtMs: number | undefined
  readonly pingedAtMs: number
  /** Pings in a row without a pong, the last one included. */
  readonly unansweredPings: number
  /** We do not read its socket just now, for a reason of ours, so its silence says nothing. */
  readonly isPaused: boolean
}

export interface HealthLimits {
  /** From connecting to the first command that succeeds: whoever never authenticates does not stay. */
  readonly firstCommandMs: number
  /** A message, from its first byte to its last: drips of bytes hold a buffer for no longer. */
  readonly wholeMessageMs: number
  readonly pingMs: number
  readonly missedPings: number
}

export type HealthVerdict =
  | { readonly kind: 'well' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

const well: HealthVerdict = { kind: 'well' }
const close = (reason: string): HealthVerdict => ({ kind: 'close', code: 1008, reason })

export function examine(health: ConnectionHealth, limits: HealthLimits, nowMs: number): HealthVerdict {
  const { openedAtMs, messageStartedAtMs, pingedAtMs } = health
  if (!health.hasSucceeded && nowMs - openedAtMs >= limits.firstCommandMs && !health.isPaused) {
    return close('No command succeeded in time.')
  }
  if (messageStartedAtMs !== undefined && nowMs - messageStartedAtMs >= limits.wholeMessageMs && !health.isPaused) {
    return close('A message did not arrive whole in time.')
  }
  if (!hasElapsed(pingedAtMs, limits.pingMs, nowMs)) return well
  if (health.unansweredPings >= limits.missedPings && !health.isPaused) return close('Pings were not answered.')
  return { kind: 'ping' }
}

/** Whether one more control frame is more than `perSecond`; `timesMs` holds those of the last second, and is kept so. */
export function isControlFlood(timesMs: number[], perSecond: number, nowMs: number): boolean {
  while (timesMs.length > 0 && hasElapsed(timesMs[0]!, 1_000, nowMs)) timesMs.shift()
  timesMs.push(nowMs)
  return timesMs.length > perSecond
}
