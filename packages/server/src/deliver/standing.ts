import type { Standing } from '../core/delivery/standing.ts'
import type { Lane } from './lane.ts'

export function standingOf({ breaker, hasSucceeded, subscription }: Lane): Standing {
  if (breaker.state !== 'closed' || breaker.failures > 0 || subscription.failingSince !== null) return 'suspect'
  return hasSucceeded ? 'proven' : 'unknown'
}
