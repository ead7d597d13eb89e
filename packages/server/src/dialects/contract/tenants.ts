import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Tenant } from '../../core/registry/registry.ts'

/** The tenants that there are, and how they stand to each other. */
export interface Tenants {
  tenant(id: TenantId): Tenant | undefined
  /** The tenant and all below it. */
  subtree(tenantId: TenantId): Iterable<TenantId>
  isWithin(tenantId: TenantId, rootId: TenantId): boolean
  /** Those that granted the integration something, by tokens that are live now. */
  grantedTo(integrationId: string): Iterable<TenantId>
}
