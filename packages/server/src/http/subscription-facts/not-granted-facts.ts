import { formatRfc3339 } from '../../core/time/time.ts'
import type { NotGranted } from '../../follow/not-granted.ts'
import type { GrantHistory } from '../../match/grant-history.ts'
import type { NotGrantedFacts } from './shapes.ts'

/** Events that were not sent for want of a grant, as answers show them. */
export function notGrantedFacts(found: NotGranted, history: GrantHistory, nowMs: number): NotGrantedFacts {
  return {
    events: found.events,
    isExact: found.isExact,
    firstAt: formatRfc3339(found.firstAtMs),
    lastAt: formatRfc3339(found.lastAtMs),
    tenants: found.tenants.map(({ tenantId, events }) => {
      const endedMs = history.endOf(tenantId, nowMs)
      return { tenantId, events, grantEndedAt: endedMs === null ? null : formatRfc3339(endedMs) }
    }),
  }
}
