import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/dialect.ts'
import { encodeTripletex } from './encode.ts'
import { tripletexOpenApi } from './openapi.ts'
import { tripletexPolicy } from './policy.ts'
import { tripletexRoutes } from './routes.ts'
import { sampleTripletex, tripletexAccess } from './sample.ts'
import { checkTripletexSettings } from './settings.ts'

const secretBytes = 32

/** Tripletex API 2: `/v2/event` and its webhooks. */
export const tripletexDialect = {
  name: 'tripletex',
  webhook: {
    policy: tripletexPolicy,
    policyOf: (subscription) => withOwnDelays(tripletexPolicy, subscription),
    encode: encodeTripletex,
    allowsBatch: false,
    carriesEntity: true,
  },
  isCanonical: false,
  secret: (random) => Buffer.from(random(secretBytes)).toString('base64url'),
  checkSettings: checkTripletexSettings,
  routes: tripletexRoutes,
  openapi: tripletexOpenApi,
  sample: sampleTripletex,
  sampleAccess: tripletexAccess,
} satisfies Dialect
