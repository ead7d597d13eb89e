import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Catalogue } from '../../catalogue/catalogue.ts'
import type { Owner } from '../../core/credential/caller.ts'
import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { AppError } from '../../core/errors.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { RateUse } from '../../core/limit/rate-limit.ts'
import type { Terms } from '../../core/registry/registration.ts'
import type { DialectRecord, SigningSecret, Subscription, Tenant } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { RegistryWrite } from '../../registry/registry-store.ts'
import type { Subscriptions } from '../../registry/subscriptions.ts'
import type { OutgoingRequest, TransportResult } from '../../send/transport.ts'

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
