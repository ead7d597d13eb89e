import type { TenantId } from '../core/tenant-id.ts'

/** Who makes a request, after authentication. */
export type Caller =
  /** By a key of the registry, or, without `keyId`, by the one of the configuration. */
  | { readonly kind: 'operator'; readonly keyId?: string }
  | { readonly kind: 'publisher' }
  /** A page that shows one integration its subscriptions, for all tenants that granted it. */
  | { readonly kind: 'portal'; readonly keyId: string; readonly integrationId: string }
  /** `tenantId` null: for all tenants that granted the integration; else for the access token's tenant alone. */
  | { readonly kind: 'integrator'; readonly integrationId: string; readonly tenantId: TenantId | null }

/** The callers to whom subscriptions and deliveries belong. */
export type Owner = Extract<Caller, { kind: 'operator' | 'integrator' }>

/** For whom a caller looks after subscriptions and deliveries; undefined: for nobody. */
export function ownerFor(caller: Caller): Owner | undefined {
  switch (caller.kind) {
    case 'operator':
    case 'integrator':
      return caller
    case 'portal':
      return { kind: 'integrator', integrationId: caller.integrationId, tenantId: null }
    case 'publisher':
      return undefined
    default:
      return caller satisfies never
  }
}

/** Whether a subscription is the caller's: what is not, does not exist for it. */
export function owns(
  owner: Owner,
  subscription: { readonly integrationId: string; readonly boundTenantId: TenantId | null },
): boolean {
  if (owner.kind === 'operator') return true
  if (owner.integrationId !== subscription.integrationId) return false
  return owner.tenantId === null || owner.tenantId === subscription.boundTenantId
}
