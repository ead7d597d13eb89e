import { cloudEventsDialect } from './cloudevents/dialect.ts'
import { registerCloudEvents } from './cloudevents/registration.ts'
import { cloudEventsRoutes } from './cloudevents/routes.ts'
import { sampleCloudEvent } from './cloudevents/sample.ts'
import { checkCloudEventsSettings } from './cloudevents/settings.ts'
import type { Dialect } from './contract/host.ts'
import { fakturowniaDialect } from './fakturownia/dialect.ts'
import { fortnoxOpenApi } from './fortnox/openapi.ts'
import { fortnoxAccess, sampleFortnox } from './fortnox/sample.ts'
import { moneybirdDialect } from './moneybird/dialect.ts'
import { standardDialect } from './standard/dialect.ts'
import { sampleStandard } from './standard/sample.ts'
import { tripletexDialect } from './tripletex/dialect.ts'
import { nxtDialect } from './visma-business-nxt/dialect.ts'

/** The list of dialects: the only place that names them all. */
export const dialects: readonly Dialect[] = [
  { name: 'standard', webhook: standardDialect, isCanonical: true, secret: 'standard', sample: sampleStandard },
  {
    name: 'cloudevents',
    webhook: cloudEventsDialect,
    isCanonical: true,
    secret: 'standard',
    checkSettings: checkCloudEventsSettings,
    register: registerCloudEvents,
    routes: cloudEventsRoutes,
    sample: sampleCloudEvent,
  },
  moneybirdDialect,
  tripletexDialect,
  {
    name: 'fortnox',
    webhook: null,
    isCanonical: false,
    secret: 'none',
    openapi: fortnoxOpenApi,
    sample: sampleFortnox,
    sampleAccess: fortnoxAccess,
  },
  nxtDialect,
  fakturowniaDialect,
]
