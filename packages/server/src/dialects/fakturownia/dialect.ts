import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/dialect.ts'
import { encodeFakturownia } from './encode.ts'
import { fakturowniaOpenApi } from './openapi.ts'
import { fakturowniaPolicy } from './policy.ts'
import { fakturowniaRoutes } from './routes.ts'
import { fakturowniaAccess, sampleFakturownia } from './sample.ts'
import { checkFakturowniaOperatorSettings, checkFakturowniaSettings } from './settings.ts'

/** Fakturownia's account webhooks: contracts/fakturownia.md. */
export const fakturowniaDialect = {
  name: 'fakturownia',
  webhook: {
    policy: fakturowniaPolicy,
    policyOf: (subscription) => withOwnDelays(fakturowniaPolicy, subscription),
    encode: encodeFakturownia,
    allowsBatch: false,
    carriesEntity: true,
  },
  isCanonical: false,
  secret: 'none',
  checkSettings: checkFakturowniaSettings,
  checkOperatorSettings: checkFakturowniaOperatorSettings,
  routes: fakturowniaRoutes,
  openapi: fakturowniaOpenApi,
  sample: sampleFakturownia,
  sampleAccess: fakturowniaAccess,
} satisfies Dialect
