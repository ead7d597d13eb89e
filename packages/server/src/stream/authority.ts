import type { TenantId } from '../core/tenant-id.ts'
import type { VisibleTypes } from '../core/visible-types.ts'

/** What a live access token grants. */
export interface TokenGrant {
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
  | { readonly kind: 'granted'; readonly grants: readonly TokenGrant[] }
  /** These of the tokens are not good; all of them when the client secret is wrong. */
  | { readonly kind: 'refused'; readonly invalidTokens: ReadonlySet<string> }

/** Who may see what on a stream. */
export interface StreamAuthority {
  /**
   * Checks access tokens, bare (without `Bearer`), together with the integration's client secret.
   * A token that is unknown, revoked, expired, of another integration or of a deleted tenant is invalid.
   */
  checkTokens(clientSecret: string, tokens: readonly string[], nowMs: number): Promise<TokenCheck>
  /** All tenants below this one, at any depth, without itself. */
  descendants(tenantId: TenantId): Iterable<TenantId>
  /** Whether a token that was good is still so, its expiry aside: neither it nor its tenant or integration is gone. */
  isLive(tokenId: string): boolean
  /** Calls back after tokens, tenants or integrations changed. Carries no data. Returns its cancel. */
  onChanged(wake: () => void): () => void
}
