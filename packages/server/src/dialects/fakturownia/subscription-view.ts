import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { DialectHost } from '../contract/host.ts'
import { methodOf } from './settings.ts'

/** A subscription as one of the vendor's webhooks. */
export interface WebhookView {
  readonly id: number
  readonly kind: string
  readonly account_id: TenantId
  readonly url: string
  readonly api_token: string
  readonly active: boolean
  /** Ours; only where it is not the vendor's own POST. */
  readonly method?: 'GET'
  readonly created_at: string
  readonly updated_at: string
}

/** Undefined for a subscription that this contract cannot express: a webhook has one kind and one account. */
export function webhookView(
  subscription: Subscription,
  host: Pick<DialectHost, 'catalogue' | 'secrets'>,
): WebhookView | undefined {
  const { number, boundTenantId, tenants, types, endpoint, secrets, status } = subscription
  const kinds = host
    .catalogue()
    .match(types)
    .flatMap(({ names }) => names.get('fakturownia') ?? [])
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1 || boundTenantId === null || tenants.kind !== 'granted') return undefined
  const [token] = secrets
  return {
    id: number,
    kind,
    account_id: boundTenantId,
    url: endpoint.url,
    api_token: token ? host.secrets.unseal(token.sealed, subscription.id) : '',
    active: status === 'active',
    ...(methodOf(subscription) === 'GET' ? { method: 'GET' } : {}),
    created_at: subscription.createdAt,
    updated_at: subscription.updatedAt,
  }
}
