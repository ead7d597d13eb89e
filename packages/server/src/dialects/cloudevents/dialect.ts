import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/dialect.ts'
import { encodeCloudEvents } from './encode.ts'
import { cloudEventsPolicy } from './policy.ts'
import { registerCloudEvents } from './registration.ts'
import { cloudEventsRoutes } from './routes.ts'
import { sampleCloudEvent } from './sample.ts'
import { checkCloudEventsSettings } from './settings.ts'

/** CloudEvents 1.0 by HTTP: binary, structured or batched. */
export const cloudEventsDialect = {
  name: 'cloudevents',
  webhook: {
    policy: cloudEventsPolicy,
    policyOf: (subscription) => withOwnDelays(cloudEventsPolicy, subscription),
    encode: encodeCloudEvents,
    allowsBatch: true,
    carriesEntity: false,
  },
  isCanonical: true,
  secret: 'standard',
  checkSettings: checkCloudEventsSettings,
  register: registerCloudEvents,
  routes: cloudEventsRoutes,
  sample: sampleCloudEvent,
} satisfies Dialect
