import type { Lane } from './lane.ts'

/** What is known of an endpoint: it accepted the last delivery, nothing yet, or it failed lately. */
export const standings = ['proven', 'unknown', 'suspect'] as const
export type Standing = (typeof standings)[number]

export function standingOf({ breaker, hasSucceeded, subscription }: Lane): Standing {
  if (breaker.state !== 'closed' || breaker.failures > 0 || subscription.failingSince !== null) return 'suspect'
  return hasSucceeded ? 'proven' : 'unknown'
}
