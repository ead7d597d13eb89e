import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/dialect.ts'
import { encodeStandard } from './encode.ts'
import { standardPolicy } from './policy.ts'
import { sampleStandard } from './sample.ts'

/** The default: Tidings' own events by Standard Webhooks 1.0. */
export const standardDialect = {
  name: 'standard',
  webhook: {
    policy: standardPolicy,
    policyOf: (subscription) => withOwnDelays(standardPolicy, subscription),
    encode: encodeStandard,
    allowsBatch: true,
    carriesEntity: false,
  },
  isCanonical: true,
  secret: 'standard',
  sample: sampleStandard,
} satisfies Dialect
