import type { FastifyInstance } from 'fastify'
import type { WebhookDialect } from '../../core/dialect/dialect.ts'
import type { DialectName } from '../../core/dialect/dialect-names.ts'
import type { SecretForm } from '../../core/dialect/signature-secret.ts'
import type { FieldError } from '../../core/errors.ts'
import type { Registration } from '../../core/registry/registration.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { Catalogue, EventType } from './catalogue.ts'
import type { DialectHost } from './host.ts'
import type { DialectOpenApi } from './openapi.ts'
import type { RegistrationMeans } from './registration.ts'
import type { SampleContext, SampleGrants } from './sample.ts'

/** A dialect as the server assembles it: `<dialect>/dialect.ts` exports one. */
export interface Dialect {
  readonly name: DialectName
  /** Null: only streams speak it. */
  readonly webhook: WebhookDialect | null
  /** Its event names are the canonical types themselves. */
  readonly isCanonical: boolean
  /** How the signing secret of a subscription looks that is made natively. */
  readonly secret: SecretForm
  /**
   * The types that a subscription asks for by the catalogue as it is now, where its dialect can ask for more
   * than patterns say; undefined: those that it has. Absent: it never can.
   */
  readonly meantTypes?: (subscription: Subscription, catalogue: Catalogue) => readonly string[] | undefined
  /** The faults of `settings` of a subscription made natively; absent: it has none. */
  readonly checkSettings?: (settings: Readonly<Record<string, unknown>>) => readonly FieldError[]
  /** The faults of what the operator set for the dialect; absent: it has no settings. */
  readonly checkOperatorSettings?: (settings: Readonly<Record<string, unknown>>) => readonly FieldError[]
  /**
   * Asks the receiver, before a subscription is stored, whether it wants its deliveries; also when one is
   * changed (`before`), where the dialect decides whether there is anything to ask.
   */
  readonly register?: (
    subscription: Subscription,
    before: Subscription | null,
    means: RegistrationMeans,
  ) => Promise<Registration>
  /** Its HTTP interface, in a scope of its own: its error shapes, parsers and not-found answers are its own. */
  readonly routes?: (scope: FastifyInstance, host: DialectHost) => void | Promise<void>
  /** Its paths whose contract is not the native one's, for `/openapi.json`. Absent: its routes say all by themselves. */
  readonly openapi?: DialectOpenApi
  /**
   * An event of the type as the system itself would raise it, for `tidings emulate`: its members beside
   * `tenantId`, `type` and `time`, as the text of a JSON object. Absent: its entity's id alone.
   */
  readonly sample?: (type: EventType, context: SampleContext) => string
  /**
   * With what code written for the system is configured, in its own words: plain JSON, for `tidings
   * emulate`. May call the dialect's routes. Absent: the native words do.
   */
  readonly sampleAccess?: (grants: SampleGrants) => object | Promise<object>
}
