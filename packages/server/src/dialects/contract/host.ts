import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Catalogue } from '../../catalogue/catalogue.ts'
import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { WebhookDialect } from '../../core/dialect/dialect.ts'
import type { DialectName } from '../../core/dialect/dialect-names.ts'
import type { AppError, FieldError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { RateUse } from '../../core/limit/rate-limit.ts'
import type { Registration, Terms } from '../../core/registry/registration.ts'
import type { DialectRecord, SigningSecret, Subscription, Tenant } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Owner } from '../../registry/caller.ts'
import type { RegistryWrite } from '../../registry/registry-store.ts'
import type { Subscriptions } from '../../registry/subscriptions.ts'
import type { BareRequest, OutgoingRequest, TransportResult } from '../../send/transport.ts'
import type { DialectOpenApi } from './openapi.ts'

/** An access token's grant, as a dialect's routes see it. */
export interface TokenGrant {
  readonly tokenId: string
  readonly integrationId: string
  readonly tenantId: TenantId
  readonly expiresAtMs: number | null
  readonly allows: (type: string) => boolean
  /** Whoever brings the token: what is made and found as this owner keeps to what the token shows. */
  readonly owner: Extract<Owner, { kind: 'integrator' }>
}

/** What a change of a dialect's documents writes, in one commit. */
export interface DialectRecordsChange<T> {
  readonly put?: readonly DialectRecord[]
  /** Ids of documents. */
  readonly drop?: readonly string[]
  /** Subscriptions that follow from the documents, as they are from now on. */
  readonly subscriptions?: readonly Subscription[]
  /** Ids of subscriptions. */
  readonly dropSubscriptions?: readonly string[]
  readonly result: T
}

/** The dialect's own documents: what its wire contract keeps beside subscriptions. */
export interface DialectRecords {
  readonly newId: () => string
  /** Undefined for what does not exist and for what is not the integration's alike. */
  readonly get: (integrationId: string, dialect: string, id: string) => DialectRecord | undefined
  /** By creation. */
  readonly list: (integrationId: string, dialect: string) => readonly DialectRecord[]
  /**
   * Decides over what there is now, and writes all of it or nothing; decides again when others were faster.
   * @throws AppError `conflict` when that happens again and again
   */
  readonly change: <T>(decide: () => DialectRecordsChange<T>) => Promise<T>
  /** The write that makes a commit fail when the document was changed or dropped after it was read. */
  readonly guard: (record: DialectRecord) => RegistryWrite
}

/** What the server lends to a dialect's routes. */
export interface DialectHost {
  readonly clock: Clock
  readonly catalogue: () => Catalogue
  /**
   * The live grant of an access token's text, wherever it was made; undefined for any that is not good.
   * `address`: who sent it.
   * @throws AppError `authority_unavailable` when its authority cannot be asked now
   */
  readonly grantOf: (accessToken: string, address: string) => Promise<TokenGrant | undefined>
  /** The same by the access token's id. */
  readonly grantWithId: (tokenId: string) => TokenGrant | undefined
  /** The integration whose client secret this is, by its client id. */
  readonly integrationOf: (clientId: string, clientSecret: string) => string | undefined
  /** Whether the text is the integration's client secret. */
  readonly isClientSecret: (integrationId: string, clientSecret: string) => boolean
  /** Counts a wrong credential; throws AppError `rate_limited` when its address gave too many. */
  readonly wrongCredential: (address: string) => void
  /** How many of them an address may give in a minute. */
  readonly wrongCredentialsPerMinute: number
  /** Counts a request of the integration; natively the same limit counts. */
  readonly useRequest: (integrationId: string) => RateUse
  readonly tenant: (id: TenantId) => Tenant | undefined
  /** The tenant and all below it. */
  readonly subtree: (tenantId: TenantId) => Iterable<TenantId>
  readonly isWithin: (tenantId: TenantId, rootId: TenantId) => boolean
  /** Tenants that granted the integration, live ones. */
  readonly grantedTenants: (integrationId: string) => Iterable<TenantId>
  readonly subscriptions: Subscriptions
  /** The owner's subscriptions of one dialect, by number. */
  readonly subscriptionsOf: (owner: Owner, dialect: string) => readonly Subscription[]
  readonly records: DialectRecords
  readonly subscriptionByNumber: (number: number) => Subscription | undefined
  /**
   * A receiver consents to its deliveries by the key that it was offered.
   * Resolves with false for a key that is wrong, used or too old, and for what does not exist, alike.
   */
  readonly consent: (subscriptionId: string, key: string, terms: Terms) => Promise<boolean>
  readonly nextNumber: () => Promise<number>
  readonly newId: () => string
  /** The parsed URL when it is allowed; userinfo, where the dialect takes it, apart. */
  readonly checkUrl: (
    raw: string,
    options?: { readonly allowUserinfo?: boolean },
  ) =>
    | { readonly ok: true; readonly url: string; readonly credentials: { username: string; password: string } | null }
    | { readonly ok: false }
  /** A signing secret record of any text; `subscriptionId` is what it is sealed for. */
  readonly secretRecord: (text: string, subscriptionId: string) => SigningSecret
  readonly seal: (text: string, subscriptionId: string) => string
  readonly unseal: (sealed: string, subscriptionId: string) => string
  readonly random: (bytes: number) => Uint8Array
  /** Notes a failure that is the server's own, for its log. */
  readonly failed: (error: unknown, requestId: string) => void
  /** Logs what was no refusal but a bug: the caller is told nothing of it. */
  readonly onFailure: (error: unknown, requestId: string) => void
  /**
   * Answers what no route below the prefix does (a URL that cannot be decoded, say) in the dialect's shape.
   * The request may have passed no hook of the dialect's.
   */
  readonly refuseBelow: (
    prefix: string,
    refuse: (error: AppError, request: FastifyRequest, reply: FastifyReply) => void,
  ) => void
  /** One request now, through the guard. */
  readonly send: (request: OutgoingRequest) => Promise<TransportResult>
  /** The newest attempt of a subscription; null: none is kept. */
  readonly lastAttempt: (subscription: Subscription) => Promise<AttemptRecord | null>
  /** What the operator set for this dialect: its part of `dialects` in the configuration file. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface RegistrationMeans {
  /** One request now, through the guard, with the subscription's headers and credentials. */
  readonly ask: (request: BareRequest) => Promise<TransportResult>
  readonly random: (bytes: number) => Uint8Array
  /** The DNS name by which this server makes itself known to receivers. */
  readonly originName: string
  /** Where receivers reach this server, as `https://hooks.example.com`; null: nobody said. */
  readonly publicUrl: string | null
  /** Makes a key with which the receiver may consent later (`DialectHost.consent`), for the dialect to tell it. */
  readonly offerConsent: () => string
}

/** A type of the catalogue. */
export type EventType = NonNullable<ReturnType<Catalogue['find']>>

export interface SampleContext {
  /** As it was asked for; undefined: the sample chooses. */
  readonly entityId: string | undefined
  /** Another one for each sample, from 1. */
  readonly number: number
  readonly tenantId: TenantId
  readonly nowMs: number
  /** Where the stand-in listens, as `127.0.0.1:8080`. */
  readonly host: string
}

/** The credentials of a stand-in's integrator, in Tidings' own words. */
export interface SampleGrants {
  /** Where the stand-in listens, as `http://127.0.0.1:8080`. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** The tenant above the others. */
  readonly parent: { readonly tenantId: TenantId; readonly name: string }
  readonly tenants: readonly { readonly tenantId: TenantId; readonly name: string; readonly accessToken: string }[]
}

/** A dialect as the server assembles it: `<dialect>/dialect.ts` exports one. */
export interface Dialect {
  readonly name: DialectName
  /** Null: only streams speak it. */
  readonly webhook: WebhookDialect | null
  /** Its event names are the canonical types themselves. */
  readonly isCanonical: boolean
  /**
   * The signing secret of a subscription made natively: `standard` as Standard Webhooks has them;
   * or a text of the dialect's own form; or none.
   */
  readonly secret: 'standard' | 'none' | ((random: (bytes: number) => Uint8Array) => string)
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
