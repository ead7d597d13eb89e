import type { TenantId } from '../ids/tenant-id.ts'
import type { DeliveryInput } from './dialect.ts'

/** A tenant's place in the tree of tenants. */
export interface Families {
  familyOf(tenantId: TenantId): Pick<DeliveryInput, 'parentTenantId' | 'hasChildTenants'>
}
