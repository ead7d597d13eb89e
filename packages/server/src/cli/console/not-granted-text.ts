import type { NotGranted } from '@tidings/client'
import { grouped } from './progress-line.ts'

/** What was not sent for want of a grant, whose it was, and the command that mends it. */
export function notGrantedText(
  { events, isExact, tenants }: NotGranted,
  { verb, integrationId = '<integration>' }: { readonly verb: string; readonly integrationId?: string | undefined },
): string {
  const named = tenants
    .slice(0, 5)
    .map(({ tenantId, grantEndedAt }) => `${tenantId}${grantEndedAt === null ? '' : ` (ended ${grantEndedAt})`}`)
  const list = named.join(', ') + (tenants.length > named.length ? ', …' : '')
  const gone = tenants.find(({ grantEndedAt }) => grantEndedAt !== null)
  const advice = gone
    ? ` To grant access again: tidings tokens create ${integrationId} ${gone.tenantId}. Who ended it: tidings audit --tenant ${gone.tenantId} --kind token`
    : ''
  return `${isExact ? '' : 'At least '}${grouped(events)} events ${verb} because no grant stands or stood for tenant ${list}.${advice}`
}
