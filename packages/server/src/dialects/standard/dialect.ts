import type { WebhookDialect } from '../../core/dialect/dialect.ts'
import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import { encodeStandard } from './encode.ts'
import { standardPolicy } from './policy.ts'

/** The default: Tidings' own events by Standard Webhooks 1.0. */
export const standardDialect: WebhookDialect = {
  policy: standardPolicy,
  policyOf: (subscription) => withOwnDelays(standardPolicy, subscription),
  encode: encodeStandard,
  allowsBatch: true,
  carriesEntity: false,
}
