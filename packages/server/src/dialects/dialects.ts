import { cloudEventsDialect } from './cloudevents/dialect.ts'
import { registerCloudEvents } from './cloudevents/registration.ts'
import { checkCloudEventsSettings } from './cloudevents/settings.ts'
import { fakturowniaDialect } from './fakturownia/dialect.ts'
import type { Dialect } from './host.ts'
import { moneybirdDialect } from './moneybird/dialect.ts'
import { standardDialect } from './standard/dialect.ts'
import { tripletexDialect } from './tripletex/dialect.ts'
import { nxtDialect } from './visma-business-nxt/dialect.ts'

/** The list of dialects: the only place that names them all. */
export const dialects: readonly Dialect[] = [
  { name: 'standard', webhook: standardDialect, isCanonical: true, secret: 'standard' },
  {
    name: 'cloudevents',
    webhook: cloudEventsDialect,
    isCanonical: true,
    secret: 'standard',
    checkSettings: checkCloudEventsSettings,
    register: registerCloudEvents,
  },
  moneybirdDialect,
  tripletexDialect,
  { name: 'fortnox', webhook: null, isCanonical: false, secret: 'none' },
  nxtDialect,
  fakturowniaDialect,
]
