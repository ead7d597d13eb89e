import type { TenantId } from '../core/ids/tenant-id.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Facts } from './facts.ts'
import type { Reason } from './reason.ts'

/** One step that brings the event to its receiver; steps are taken in their order. */
export type Mend =
  | { readonly action: 'resend'; readonly delivery: string }
  | { readonly action: 'enable'; readonly subscription: string }
  | { readonly action: 'resume'; readonly subscription: string }
  | { readonly action: 'rewind'; readonly subscription: string; readonly to: { readonly time: string } }
  | { readonly action: 'grant'; readonly integrationId: string; readonly tenantId: TenantId }
  | { readonly action: 'change'; readonly subscription: string; readonly change: SubscriptionMend }

export interface SubscriptionMend {
  readonly types?: readonly string[]
  readonly tenants?: readonly TenantId[]
  readonly filter?: null
}

/** What mends it; nothing: it is as it should be, goes on by itself, or cannot be mended. `deliveryId`: what the delivery is, or would be, called. */
export function mendsOf(reason: Reason, facts: Facts, deliveryId: string): readonly Mend[] {
  const { subscription, event, delivery, standing } = facts
  const { id } = subscription
  const isDisabled = subscription.status === 'disabled'
  const enable: readonly Mend[] = isDisabled ? [{ action: 'enable', subscription: id }] : []
  // Reading goes back to the event and on from there; what came after it is delivered again, too.
  const rewind: Mend = { action: 'rewind', subscription: id, to: { time: formatRfc3339(event.appendedAtMs) } }
  const resend: Mend = { action: 'resend', delivery: deliveryId }
  const change = (change: SubscriptionMend): Mend => ({ action: 'change', subscription: id, change })
  switch (reason) {
    case 'delivered':
    case 'superseded':
    case 'failed':
      return [...enable, resend]
    case 'waiting':
      // A resend would wait for the end of the pause as well.
      if (delivery) return standing.isPauseAskedFor ? [] : [resend]
      return standing.reading?.catchUp?.pausedAtMs ? [{ action: 'resume', subscription: id }] : []
    case 'disabled':
      return enable
    case 'not_granted': {
      const bringsBack = delivery ? resend : rewind
      if (facts.grantRefusal === null) return [...enable, bringsBack]
      if (facts.grantRefusal === 'beyond_its_token') return []
      if (facts.grantRefusal !== 'other_tenant') {
        const { integrationId } = subscription
        return [{ action: 'grant', integrationId, tenantId: event.tenantId }, ...enable, bringsBack]
      }
      const { tenants, boundTenantId } = subscription
      if (tenants.kind !== 'list' || boundTenantId !== null) return []
      return [change({ tenants: [...tenants.tenantIds, event.tenantId] }), ...enable, bringsBack]
    }
    case 'type_not_subscribed':
      return [change({ types: [...subscription.types, event.type] }), ...enable, rewind]
    case 'filtered':
      return [change({ filter: null }), ...enable, rewind]
    case 'before_start':
    case 'skipped':
      return [...enable, rewind]
    case 'not_in_dialect':
    case 'quiet':
    case 'expired':
      return []
    default:
      return reason satisfies never
  }
}
