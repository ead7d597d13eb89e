import { compilePatterns } from '../core/event/event-type-pattern.ts'
import { isOperational } from '../core/event/operational-event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { NotGranted } from '../follow/not-granted.ts'
import type { NotGrantedFacts } from '../http/routes/subscription-facts.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import { hasGrantedTenant } from '../match/granted-tenants.ts'
import { grantHistoryOf } from '../registry/grant-history.ts'
import type { Foundation } from './foundation.ts'

type Parts = Pick<Foundation, 'directory' | 'clock' | 'grants' | 'catalogue'>

/** Whether it can be sent anything: some tenant grants it something, or it asks for Tidings' own events alone. */
export function hasGrant({ directory, clock, grants, catalogue }: Parts, subscription: Subscription): boolean {
  const tenants = () => directory.grantedTenants(subscription.integrationId, clock.now())
  if (hasGrantedTenant(subscription, grants, tenants)) return true
  const wants = compilePatterns(subscription.types)
  for (const { type } of catalogue().types()) if (!isOperational(type) && wants(type)) return false
  return true
}

/** When the last grant ended that the subscription had; null: it never had one. */
export function grantEndedMs(
  history: GrantHistory,
  { boundTenantId, tenants }: Subscription,
  nowMs: number,
): number | null {
  if (tenants.kind === 'granted' && boundTenantId === null) return history.lastEndMs
  const own =
    tenants.kind === 'list' ? tenants.tenantIds : [tenants.kind === 'subtree' ? tenants.tenantId : boundTenantId!]
  const ends = own.flatMap((tenantId) => history.endOf(tenantId, nowMs) ?? [])
  return ends.length === 0 ? null : Math.max(...ends)
}

export function notGrantedFacts(
  { directory, clock }: Pick<Foundation, 'directory' | 'clock'>,
  { integrationId }: Subscription,
  found: NotGranted | null,
): NotGrantedFacts | null {
  if (!found) return null
  const nowMs = clock.now()
  const history = grantHistoryOf(directory, integrationId, nowMs)
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
