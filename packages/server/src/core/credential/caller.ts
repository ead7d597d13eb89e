import { coversPatterns } from '../event/event-type-pattern.ts'
import type { TenantId } from '../ids/tenant-id.ts'
import type { Subscription } from '../registry/registry.ts'

/** The access token that a request brings. Its holder sees and subscribes to at most what it shows. */
export interface BroughtToken {
  /** `tok_…` */
  readonly id: string
  /** Event patterns; null: everything. */
  readonly types: readonly string[] | null
}

/** Who makes a request, after authentication. */
export type Caller =
  /** By a key of the registry, or, without `keyId`, by the one of the configuration. */
  | { readonly kind: 'operator'; readonly keyId?: string }
  | { readonly kind: 'publisher' }
  /** A page that shows one integration its subscriptions, for all tenants that granted it. */
  | { readonly kind: 'portal'; readonly keyId: string; readonly integrationId: string }
  | Integrator

/** An integration by its own credentials, for all tenants that granted it, or by an access token, for the token's tenant. */
export interface Integrator {
  readonly kind: 'integrator'
  readonly integrationId: string
  /** Null: all tenants that granted the integration. */
  readonly tenantId: TenantId | null
  /** Null: it brought its own credentials. */
  readonly token: BroughtToken | null
}

/** The callers to whom subscriptions and deliveries belong. */
export type Owner = Extract<Caller, { kind: 'operator' | 'integrator' }>

/** For whom a caller looks after subscriptions and deliveries; undefined: for nobody. */
export function ownerFor(caller: Caller): Owner | undefined {
  switch (caller.kind) {
    case 'operator':
    case 'integrator':
      return caller
    case 'portal':
      return { kind: 'integrator', integrationId: caller.integrationId, tenantId: null, token: null }
    case 'publisher':
      return undefined
    default:
      return caller satisfies never
  }
}

/** Whether a subscription is the caller's: what is not, does not exist for it. A token's are those that show no more than it. */
export function owns(
  owner: Owner,
  subscription: Pick<Subscription, 'integrationId' | 'boundTenantId' | 'visibleTypes'>,
): boolean {
  if (owner.kind === 'operator') return true
  if (owner.integrationId !== subscription.integrationId) return false
  if (owner.tenantId !== null && owner.tenantId !== subscription.boundTenantId) return false
  return owner.token === null || coversPatterns(owner.token.types, subscription.visibleTypes)
}
