import type { Appearance } from '../appearance/appearance.ts'
import type { TenantId } from '../ids/tenant-id.ts'

/**
 * Words: a *tenant* is a customer of the application, possibly with child tenants. An *integration*
 * is an integrator's application, with a client secret. An *access token* is an integration's grant
 * for one tenant. A *subscription* asks for deliveries to an *endpoint*, in a *dialect*.
 */

export interface Tenant {
  readonly id: TenantId
  readonly name: string
  readonly parentId: TenantId | null
  readonly createdAt: string
}

export interface Integration {
  /** `int_…` */
  readonly id: string
  readonly name: string
  readonly clientId: string
  /** Keyed hash of the client secret, hex. */
  readonly secretHash: string
  readonly createdAt: string
}

export interface AccessToken {
  /** `tok_…` */
  readonly id: string
  readonly integrationId: string
  readonly tenantId: TenantId
  /** Keyed hash of the token, hex. */
  readonly hash: string
  /** What the grant shows, as event patterns; null: everything. */
  readonly types: readonly string[] | null
  /** RFC 3339, or null: never. */
  readonly expiresAt: string | null
  readonly createdAt: string
  /** Of a grant that tokens of the application's own authority proved; absent: it was made or imported here. */
  readonly recognised?: RecognisedGrant
  /** Of an imported one, which an authority may vouch for as well (`tokenNames`). */
  readonly names?: readonly string[]
}

export interface RecognisedGrant {
  /** The authority's name in the configuration. */
  readonly authority: string
  /** The newest token that proved the grant, so that its revocation is seen after a restart, too. */
  readonly token: Sealed
  readonly tokenId: string
  /** RFC 3339; null: the authority did not say. */
  readonly tokenExpiresAt: string | null
  /**
   * Every token that proved the grant and has not expired, at most 100, the newest last: when the operator ends the
   * grant, none of them may prove it again.
   */
  readonly proofs: readonly TokenProof[]
}

export interface TokenProof {
  /** By what names the token however its text is spelled (`tokenNames`). */
  readonly names: readonly string[]
  /** RFC 3339; null: the authority did not say. */
  readonly expiresAt: string | null
}

/** A token of an authority whose grant the operator ended: it proves nothing any more. */
export interface EndedToken {
  /** One of its names. */
  readonly id: string
  /** RFC 3339: from then on its authority refuses it as well; null: no authority said when, so it is kept for good. */
  readonly expiresAt: string | null
}

/** A grant that is gone: what an access token granted until it was revoked, or its tenant deleted. */
export interface EndedGrant {
  /** The access token's. */
  readonly id: string
  readonly integrationId: string
  readonly tenantId: TenantId
  readonly types: readonly string[] | null
  /** RFC 3339, as are the others. */
  readonly grantedAt: string
  /** When it would have ended by itself; null: never. */
  readonly expiresAt: string | null
  readonly endedAt: string
}

export const keyKinds = ['admin', 'pub', 'portal'] as const
export type KeyKind = (typeof keyKinds)[number]

export interface ApiKey {
  /** `key_…` */
  readonly id: string
  readonly kind: KeyKind
  readonly name: string | null
  readonly hash: string
  readonly createdAt: string
  /** Of a portal's key alone. */
  readonly portal?: PortalAccess
}

/** What a portal's key is for: a page that shows one integration its subscriptions. */
export interface PortalAccess {
  readonly integrationId: string
  /** RFC 3339. */
  readonly expiresAt: string
}

/** What somebody signed in with. It is kept as every secret is, and it says who they are for as long as it holds. */
export interface KeptCredential {
  /** Of an integration's own credentials; null: a key or an access token. */
  readonly clientId: string | null
  /** Keyed hash, hex, as the key, the token or the integration keeps it. */
  readonly hash: string
}

/** Pages for one integration, which the operator hands to its integrator. */
export interface PortalScope {
  readonly integrationId: string
  /** Null: all tenants that granted the integration. */
  readonly tenantId: TenantId | null
  /** What the link says of it; null: as the configuration says. */
  readonly appearance: Appearance | null
}

/** A browser that signed in. */
export interface Session {
  /** `ses_…` */
  readonly id: string
  readonly credential: KeptCredential
  /** Of a portal, which the credential's holder opened; null: it is the credential's holder that signed in. */
  readonly portal: PortalScope | null
  readonly createdAt: string
  /** RFC 3339; it ends then, however much it is used. */
  readonly expiresAt: string
}

/** A link that becomes a session, once. */
export interface SignInLink {
  /** `lnk_…` */
  readonly id: string
  /** Keyed hash of its secret, hex. */
  readonly hash: string
  /** Whoever made it: their session it becomes, or one of a portal that they opened. */
  readonly credential: KeptCredential
  readonly portal: PortalScope | null
  readonly createdAt: string
  readonly expiresAt: string
}

/** A type of the catalogue that the operator added or replaced by API; its shape is `catalogue/event-type.ts`. */
export interface CustomEventType {
  readonly type: string
  readonly definition: unknown
}

/** Text sealed with the server's key (AES-256-GCM), as `v1.<base64url>`. Never leaves the server unsealed but on creation. */
export type Sealed = string

export type TenantSelection =
  | { readonly kind: 'granted' }
  | { readonly kind: 'subtree'; readonly tenantId: TenantId }
  | { readonly kind: 'list'; readonly tenantIds: readonly TenantId[] }

export type EndpointAuth =
  | { readonly type: 'basic'; readonly username: string; readonly password: Sealed }
  | { readonly type: 'bearer'; readonly token: Sealed }
  | {
      readonly type: 'oauth2'
      readonly tokenUrl: string
      readonly clientId: string
      readonly clientSecret: Sealed
      readonly scope: string | null
    }

export interface Endpoint {
  /** The parsed href, never the raw input. */
  readonly url: string
  /** Values may be credentials, so they are sealed as one JSON object text; names stay readable. */
  readonly headerNames: readonly string[]
  readonly headers: Sealed | null
  readonly auth: EndpointAuth | null
  /** PEM texts as one sealed JSON object `{certificate, key, ca}`. */
  readonly tls: Sealed | null
  /** Whole attempt, 1 to 30. */
  readonly timeoutSeconds: number
}

export interface SigningSecret {
  readonly algorithm: 'hmac-sha256' | 'ed25519'
  /** The secret as the integrator knows it (`whsec_…`), or the Ed25519 private key (`whsk_…`). */
  readonly sealed: Sealed
  /** `whpk_…` for Ed25519, else null. */
  readonly publicKey: string | null
  readonly createdAt: string
  /** Signs until then (overlap of a rotation); null: the current one. */
  readonly expiresAt: string | null
}

/** A consent that a receiver may still give: a subscription with one is sent nothing. */
export interface PendingConsent {
  /** SHA-256 of the key that the receiver was told, hex. */
  readonly digest: string
  /** RFC 3339: the key is good until then. */
  readonly expiresAt: string
}

export type SubscriptionStatus = 'active' | 'disabled'

export interface Subscription {
  /** `sub_…` */
  readonly id: string
  /** Small, unique for ever, fits 31 bits: part of delivery ids, and the id in dialects that want integers. */
  readonly number: number
  readonly integrationId: string
  /** Set when an access token made it: it never sees another tenant. */
  readonly boundTenantId: TenantId | null
  /**
   * What the access token that made it showed, as event patterns; null: everything, or no token made it. It never
   * sees more, whatever other tokens show.
   */
  readonly visibleTypes: readonly string[] | null
  readonly dialect: string
  readonly status: SubscriptionStatus
  /** Machine-readable: `by_request`, `gone`, `failing`, `attempts_exhausted`, `awaiting_consent`, …; null while active. */
  readonly disabledReason: string | null
  readonly disabledAt: string | null
  /** Its receiver was asked and may still consent; it is disabled as long. Absent: nothing is awaited. */
  readonly pendingConsent?: PendingConsent
  /** Since when every attempt has failed, RFC 3339; null after a success. Noted once a minute has passed so. */
  readonly failingSince: string | null
  /** Its endpoint asked for nothing to be sent until a time, RFC 3339; heeded only while `url` is the endpoint's. Noted from a minute on. */
  readonly hold: { readonly url: string; readonly until: string } | null
  /** Event patterns, as `invoice.*`; canonical types. */
  readonly types: readonly string[]
  readonly tenants: TenantSelection
  /** JSON match on event fields (`core/filter.ts`), as JSON text; null: everything. */
  readonly filter: string | null
  /** Which parts of `data`, in the grammar of `core/fields.ts`; null: all. */
  readonly fields: string | null
  /** Events of a topic at or before its position here are not this subscription's (a start by offsets); null: no such start. */
  readonly topicFloors: Readonly<Record<string, number>> | null
  /** When its reading was last begun anew (a rewind): what was delivered before is to be sent again. RFC 3339; null: never. */
  readonly replayedAt: string | null
  readonly endpoint: Endpoint
  readonly secrets: readonly SigningSecret[]
  readonly ordering: 'none' | 'entity'
  readonly coalesce: 'none' | 'latest'
  readonly batch: { readonly maxEvents: number; readonly maxWaitMs: number } | null
  /** Delays between attempts in seconds; null: the dialect's policy. */
  readonly retryDelaysSeconds: readonly number[] | null
  readonly concurrency: number
  readonly ratePerSecond: number | null
  readonly description: string | null
  /** What only the subscription's dialect reads (its own fields, ids, legacy modes). JSON-serializable. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Grows by one with every change that a client made. */
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** A document of an integration that only one dialect reads: what its wire contract keeps beside subscriptions. */
export interface DialectRecord {
  /** `rec_…` */
  readonly id: string
  readonly dialect: string
  readonly integrationId: string
  /** JSON-serializable. Secrets in it are sealed, for this record's id. */
  readonly value: Readonly<Record<string, unknown>>
  readonly createdAt: string
  readonly updatedAt: string
}

/** Which deliveries of a subscription are to be sent again, as it was asked; what is absent was not asked for. */
export interface ResendFilter {
  readonly status: string
  readonly types?: readonly string[]
  readonly tenants?: readonly TenantId[]
  readonly entity?: string
  readonly error?: string
  /** RFC 3339, of the last attempt. */
  readonly since?: string
  readonly until?: string
}

/** A bulk resend, which runs without the request that asked for it. */
export interface Resend {
  /** `rsd_…` */
  readonly id: string
  readonly subscriptionId: string
  /** Of its subscription. */
  readonly integrationId: string
  readonly boundTenantId: TenantId | null
  readonly visibleTypes: readonly string[] | null
  readonly filter: ResendFilter
  readonly status: 'running' | 'done' | 'cancelled' | 'interrupted'
  /** Queued to be sent again. */
  readonly resent: number
  /** Were queued already when the resend came to them. */
  readonly skipped: number
  /** Where in the list of deliveries it goes on; null: at its beginning. */
  readonly cursor: string | null
  readonly startedAt: string
  readonly endedAt: string | null
}

/** That a subscription was deleted: remembered for some days, so that whoever keeps anything of it takes that away. */
export interface DeletedSubscription {
  readonly number: number
  readonly deletedAt: string
}

/** Everything the registry holds, by kind. */
export interface RegistryRecords {
  tenant: Tenant
  integration: Integration
  token: AccessToken
  key: ApiKey
  subscription: Subscription
  deletedSubscription: DeletedSubscription
  eventType: CustomEventType
  dialectRecord: DialectRecord
  resend: Resend
  endedToken: EndedToken
  endedGrant: EndedGrant
  session: Session
  signInLink: SignInLink
}
export type RegistryKind = keyof RegistryRecords
