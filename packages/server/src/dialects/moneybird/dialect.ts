import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/dialect.ts'
import { meantTypes } from './enabled-events.ts'
import { encodeMoneybird } from './encode.ts'
import { moneybirdOpenApi } from './openapi.ts'
import { moneybirdPolicy } from './policy.ts'
import { registerWebhook } from './registration.ts'
import { moneybirdRoutes } from './routes.ts'
import { moneybirdAccess, sampleMoneybird } from './sample.ts'
import { checkMoneybirdSettings, makeSecret } from './settings.ts'

/** Moneybird's administration webhooks: contracts/moneybird.md. */
export const moneybirdDialect = {
  name: 'moneybird',
  webhook: {
    policy: moneybirdPolicy,
    policyOf: (subscription) => withOwnDelays(moneybirdPolicy, subscription),
    encode: encodeMoneybird,
    allowsBatch: false,
    carriesEntity: true,
  },
  isCanonical: false,
  secret: makeSecret,
  checkSettings: checkMoneybirdSettings,
  meantTypes,
  register: registerWebhook,
  routes: moneybirdRoutes,
  openapi: moneybirdOpenApi,
  sample: sampleMoneybird,
  sampleAccess: moneybirdAccess,
} satisfies Dialect
