import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Subscription, Tenant } from '../../core/registry/registry.ts'

/** A tenant as the contract shows it; what Tidings does not know of it is what most administrations have. */
export function administrationView({ id, name, createdAt }: Tenant): Record<string, unknown> {
  return {
    id: String(id),
    name,
    language: 'nl',
    currency: 'EUR',
    country: 'NL',
    time_zone: 'Europe/Amsterdam',
    access: 'user',
    suspended: false,
    period_locked_until: null,
    period_start_date: `${createdAt.slice(0, 4)}-01-01`,
  }
}

/** The one administration that a webhook is of; undefined: it is of several, which the contract cannot say. */
export function administrationOf({ boundTenantId, tenants }: Subscription): TenantId | undefined {
  switch (tenants.kind) {
    case 'granted':
      return boundTenantId ?? undefined
    case 'list':
      return tenants.tenantIds.length === 1 ? tenants.tenantIds[0] : undefined
    case 'subtree':
      return undefined
    default:
      return tenants satisfies never
  }
}
