import type { Dialect } from '../contract/dialect.ts'
import { encodeNxt } from './encode.ts'
import { nxtPolicy, nxtPolicyOf } from './policy.ts'
import { nxtRoutes } from './routes.ts'
import { nxtAccess, sampleNxt } from './sample.ts'
import { checkNxtSettings } from './settings.ts'
import { makeSignatureKey } from './signature-key.ts'
import { dialect } from './tables.ts'

/** Visma Business NXT's table-change webhooks: contracts/visma-business-nxt.md. */
export const nxtDialect = {
  name: dialect,
  webhook: {
    policy: nxtPolicy,
    policyOf: nxtPolicyOf,
    encode: encodeNxt,
    allowsBatch: false,
    carriesEntity: false,
  },
  isCanonical: false,
  secret: makeSignatureKey,
  checkSettings: checkNxtSettings,
  routes: nxtRoutes,
  sample: sampleNxt,
  sampleAccess: nxtAccess,
} satisfies Dialect
