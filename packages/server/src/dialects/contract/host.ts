import type { Clock } from '../../core/time/clock.ts'
import type { Answers } from './answers.ts'
import type { LastAttempts } from './attempts.ts'
import type { Catalogue } from './catalogue.ts'
import type { ReceiverConsents } from './consents.ts'
import type { Credentials } from './credentials.ts'
import type { EndpointUrls } from './endpoint-urls.ts'
import type { RequestLimits } from './limits.ts'
import type { DialectRecords } from './records.ts'
import type { Secrets } from './secrets.ts'
import type { SubscriptionChanging, SubscriptionLookUp, SubscriptionMaking } from './subscriptions.ts'
import type { Tenants } from './tenants.ts'

/** What the server lends to a dialect's routes, port by port. Each dialect says which of them it asks. */
export interface DialectHost {
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  /** As it is now: operators change it while the server runs. */
  readonly catalogue: () => Catalogue
  /** What the operator set for this dialect: its part of `dialects` in the configuration file. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Credentials
  readonly limits: RequestLimits
  readonly tenants: Tenants
  readonly subscriptions: SubscriptionLookUp
  readonly making: SubscriptionMaking
  readonly changing: SubscriptionChanging
  readonly consents: ReceiverConsents
  readonly records: DialectRecords
  readonly secrets: Secrets
  readonly urls: EndpointUrls
  readonly attempts: LastAttempts
  readonly answers: Answers
}
