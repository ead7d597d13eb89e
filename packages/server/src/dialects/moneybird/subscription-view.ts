import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Catalogue } from '../contract/catalogue.ts'
import { administrationOf } from './administration.ts'
import { enabledEventsOf } from './enabled-events.ts'
import { webhookTokenOf } from './settings.ts'
import { webhookIdOf } from './webhook-id.ts'

/**
 * A webhook as the contract shows it, keys in its order; `secret` only in the answer to its making.
 *
 * @param last its newest push; null: there was none
 */
export function webhookView(
  subscription: Subscription,
  given: { readonly catalogue: Catalogue; readonly last: AttemptRecord | null; readonly secret?: string },
): Record<string, unknown> {
  const { catalogue, last, secret } = given
  return {
    id: webhookIdOf(subscription),
    administration_id: String(administrationOf(subscription)),
    url: subscription.endpoint.url,
    enabled_events: enabledEventsOf(subscription, catalogue),
    last_http_status: last?.status ?? null,
    last_http_body: last?.body ?? null,
    token: webhookTokenOf(subscription),
    deactivated_at: subscription.status === 'disabled' ? subscription.disabledAt : null,
    ...(secret === undefined ? {} : { secret }),
  }
}
