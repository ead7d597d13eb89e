import type { TenantId } from '../../../core/ids/tenant-id.ts'

/**
 * A column INTEGER has 64 bits, but is read as a double, or every column of its statement as a bigint. So tenant ids
 * beyond 2^53-1 are read as text.
 */
export const tenantColumn = 'iif(tenant_id <= 9007199254740991, tenant_id, CAST(tenant_id AS TEXT)) AS tenant_id'

export function tenantIdOfColumn(value: unknown): TenantId {
  return typeof value === 'string' ? BigInt(value) : (value as number)
}
