import type { WebhookDialect } from '../../core/dialect/dialect.ts'
import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Dialect } from '../contract/host.ts'
import { encodeTripletex } from './encode.ts'
import { tripletexOpenApi } from './openapi.ts'
import { tripletexPolicy } from './policy.ts'
import { tripletexRoutes } from './routes.ts'
import { sampleTripletex, tripletexAccess } from './sample.ts'
import { checkTripletexSettings } from './target-url.ts'

const secretBytes = 32

export const tripletexWebhook: WebhookDialect = {
  policy: tripletexPolicy,
  policyOf: (subscription) => withOwnDelays(tripletexPolicy, subscription),
  encode: encodeTripletex,
  allowsBatch: false,
  carriesEntity: true,
}

/** Tripletex API 2: `/v2/event` and its webhooks. */
export const tripletexDialect: Dialect = {
  name: 'tripletex',
  webhook: tripletexWebhook,
  isCanonical: false,
  secret: (random) => Buffer.from(random(secretBytes)).toString('base64url'),
  checkSettings: checkTripletexSettings,
  routes: tripletexRoutes,
  openapi: tripletexOpenApi,
  sample: sampleTripletex,
  sampleAccess: tripletexAccess,
}
