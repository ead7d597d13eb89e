import { isEventPattern, matchesPattern } from '../../core/event/event-type-pattern.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Catalogue } from '../contract/catalogue.ts'
import type { ShownRow } from './list-query.ts'
import { shownTargetUrl } from './target-url.ts'

export const tripletexStatuses = [
  'ACTIVE',
  'DISABLED',
  'DISABLED_TOO_MANY_ERRORS',
  'DISABLED_RATE_LIMIT_EXCEEDED',
  'DISABLED_MISUSE',
] as const
export type TripletexStatus = (typeof tripletexStatuses)[number]

/** Why a subscription was disabled, in the vendor's words; what is not here is a plain `DISABLED`. */
const disabledStatus: Readonly<Record<string, TripletexStatus>> = {
  failing: 'DISABLED_TOO_MANY_ERRORS',
  attempts_exhausted: 'DISABLED_TOO_MANY_ERRORS',
  gone: 'DISABLED_TOO_MANY_ERRORS',
  rate_limit_exceeded: 'DISABLED_RATE_LIMIT_EXCEEDED',
  misuse: 'DISABLED_MISUSE',
}

export function statusOf({ status, disabledReason }: Pick<Subscription, 'status' | 'disabledReason'>): TripletexStatus {
  return status === 'active' ? 'ACTIVE' : (disabledStatus[disabledReason ?? ''] ?? 'DISABLED')
}

/**
 * The one event of a subscription, by its name here. Undefined: it was made natively for several, which
 * this interface cannot say.
 */
export function eventNameOf({ types }: Subscription, catalogue: Catalogue): string | undefined {
  const [pattern] = types
  if (types.length === 1 && pattern !== undefined && isEventPattern(pattern) && !pattern.includes('*')) {
    return catalogue.nameIn(pattern, 'tripletex')
  }
  const named = catalogue.types('tripletex').filter(({ type }) => types.some((one) => matchesPattern(one, type)))
  return named.length === 1 ? catalogue.nameIn(named[0]!.type, 'tripletex') : undefined
}

/** Whether it is of this very company: an integration's subscription for several of them is none of one. */
export function isOfCompany({ boundTenantId, tenants }: Subscription, companyId: TenantId): boolean {
  if (tenants.kind === 'list') {
    return tenants.tenantIds.length === 1 && tenants.tenantIds[0] === companyId
  }
  return tenants.kind === 'granted' && boundTenantId === companyId
}

/** A subscription as it is shown; what is write-only is not there. @param host as `example.com` */
export function subscriptionRow(subscription: Subscription, event: string, host: string): ShownRow {
  const { number, version, fields, endpoint } = subscription
  return {
    id: number,
    version,
    url: `${host}/v2/event/subscription/${number}`,
    event,
    targetUrl: shownTargetUrl(subscription),
    fields,
    status: statusOf(subscription),
    authHeaderName: endpoint.headerNames[0] ?? null,
  }
}
