import type { VisibleTypes } from '../core/event/visible-types.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'

/** What a live access token grants. */
export interface StreamGrant {
  /** `tok_…` */
  readonly tokenId: string
  /** `int_…` */
  readonly integrationId: string
  readonly tenantId: TenantId
  readonly types: VisibleTypes
  /** Epoch milliseconds; null: never. */
  readonly expiresAtMs: number | null
}

export type TokenCheck =
  /** One grant for each token, in the order given. */
  | { readonly kind: 'granted'; readonly grants: readonly StreamGrant[] }
  /** These of the tokens are not good; all of them when the client secret is wrong. */
  | { readonly kind: 'refused'; readonly invalidTokens: ReadonlySet<string> }

/** What may be seen otherwise than before. */
export interface AccessChange {
  /** Access tokens that ended, or show something else. */
  readonly tokenIds: Iterable<string>
  /** Tenants below which others came, moved or went. */
  readonly tenantIds: Iterable<TenantId>
}

/** Who may see what on a stream. */
export interface StreamAuthority {
  /**
   * Checks access tokens, bare (without `Bearer`), together with the integration's client secret.
   * A token that is unknown, revoked, expired, of another integration or of a deleted tenant is invalid.
   */
  checkTokens(clientSecret: string, tokens: readonly string[], nowMs: number): Promise<TokenCheck>
  /** All tenants below this one, at any depth, without itself. */
  descendants(tenantId: TenantId): Iterable<TenantId>
  /** What a token shows now, its expiry aside; undefined: it, its tenant or its integration is gone. */
  grantOf(tokenId: string): StreamGrant | undefined
  /** Calls back after a change and before whoever asked for it has its answer. Returns its cancel. */
  onChanged(listener: (change: AccessChange) => void): () => void
}
