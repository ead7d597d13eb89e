import type { StoredEvent } from '../core/event/event.ts'
import { integrationOf, isOperational } from '../core/event/operational-event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { isOfTenant } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'

type Told = Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>

/**
 * Whether the subscription can ever have had a delivery of the event: whose it is cannot be changed,
 * while types, tenants and filter can.
 */
export function mayHaveDelivery(
  { integrationId, boundTenantId }: Subscription,
  event: Told,
  grants: Pick<Grants, 'lineage'>,
): boolean {
  if (isOperational(event.type) && integrationOf(event) !== integrationId) return false
  if (boundTenantId === null || boundTenantId === event.tenantId) return true
  return [...grants.lineage(event.tenantId)].includes(boundTenantId)
}

/** Whether somebody who asks about the event may mean this subscription: it is for the event's tenant. */
export function isConcerned(subscription: Subscription, event: Told, grants: Pick<Grants, 'lineage'>): boolean {
  if (!mayHaveDelivery(subscription, event, grants)) return false
  return isOperational(event.type) || isOfTenant(subscription, event.tenantId, grants)
}
