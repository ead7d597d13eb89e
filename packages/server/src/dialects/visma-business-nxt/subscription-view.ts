import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import type { Tenants } from '../contract/tenants.ts'
import { tableOf } from './tables.ts'
import { targetIdOf } from './target.ts'

/** A subscription as a row of `WebhookSubscription`. */
export interface SubscriptionView {
  readonly id: string
  /** Null: it was made natively, with an endpoint of its own. */
  readonly targetId: string | null
  readonly customerNo: TenantId
  readonly companyNo: TenantId
  readonly tableIdentifier: string
  readonly events: readonly string[]
  readonly active: boolean
  readonly createdAt: string
  readonly updatedAt: string
}

/** Undefined for one that a row cannot express: several tables, or several companies by name. */
export function subscriptionView(
  subscription: Subscription,
  host: Pick<DialectHost, 'catalogue' | 'tenants'>,
): SubscriptionView | undefined {
  const rows = tableOf(host.catalogue(), subscription)
  const numbers = numbersOf(subscription, host.tenants)
  if (!rows || !numbers) return undefined
  const { id, status, createdAt, updatedAt } = subscription
  return {
    id,
    targetId: targetIdOf(subscription),
    ...numbers,
    tableIdentifier: rows.table.identifier,
    events: rows.actions,
    active: status === 'active',
    createdAt,
    updatedAt,
  }
}

function numbersOf(
  { tenants, boundTenantId }: Subscription,
  known: Tenants,
): { readonly customerNo: TenantId; readonly companyNo: TenantId } | undefined {
  const company = (id: TenantId) => ({ customerNo: known.tenant(id)?.parentId ?? 0, companyNo: id })
  switch (tenants.kind) {
    case 'granted':
      return boundTenantId === null ? { customerNo: 0, companyNo: 0 } : company(boundTenantId)
    case 'subtree':
      return { customerNo: tenants.tenantId, companyNo: 0 }
    case 'list': {
      const [first, ...others] = tenants.tenantIds
      return first === undefined || others.length > 0 ? undefined : company(first)
    }
    default:
      return tenants satisfies never
  }
}
