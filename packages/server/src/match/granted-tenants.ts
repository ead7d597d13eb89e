import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { isGranted } from './compiled-subscription.ts'
import type { Grant, Grants } from './grants.ts'

/**
 * Whether any tenant grants the subscription anything at all, whichever types.
 *
 * @param grantedTenants of its integration
 */
export function hasGrantedTenant(
  subscription: Subscription,
  grants: Grants,
  grantedTenants: () => Iterable<TenantId>,
): boolean {
  const whicheverTypes = { ...subscription, visibleTypes: null }
  const shown = showingEverything(grants)
  for (const tenantId of candidates(subscription, grantedTenants)) {
    if (isGranted(whicheverTypes, { tenantId, type: '', entityKey: '' }, shown)) return true
  }
  return false
}

function* candidates(
  { tenants, boundTenantId }: Subscription,
  grantedTenants: () => Iterable<TenantId>,
): Iterable<TenantId> {
  switch (tenants.kind) {
    case 'list':
      yield* tenants.tenantIds
      return
    case 'subtree':
      yield tenants.tenantId
      yield* grantedTenants()
      return
    case 'granted':
      if (boundTenantId === null) yield* grantedTenants()
      else yield boundTenantId
      return
    default:
      tenants satisfies never
  }
}

const everything: Grant = { allows: () => true }

function showingEverything(grants: Grants): Grants {
  const whole = (grant: Grant | undefined) => grant && everything
  return {
    integrationsOf: (tenantId) => grants.integrationsOf(tenantId),
    direct: (integrationId, tenantId) => whole(grants.direct(integrationId, tenantId)),
    inherited: (integrationId, tenantId) => whole(grants.inherited(integrationId, tenantId)),
    ofToken: (tokenId) => whole(grants.ofToken(tokenId)),
    lineage: (tenantId) => grants.lineage(tenantId),
  }
}
