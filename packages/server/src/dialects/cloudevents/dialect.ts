import type { WebhookDialect } from '../../core/dialect/dialect.ts'
import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import { encodeCloudEvents } from './encode.ts'
import { cloudEventsPolicy } from './policy.ts'

/** CloudEvents 1.0 by HTTP: binary, structured or batched. */
export const cloudEventsDialect: WebhookDialect = {
  policy: cloudEventsPolicy,
  policyOf: (subscription) => withOwnDelays(cloudEventsPolicy, subscription),
  encode: encodeCloudEvents,
  allowsBatch: true,
  carriesEntity: false,
}
