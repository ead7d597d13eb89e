import type { TenantId } from '../core/ids/tenant-id.ts'

/** What an authority says about a token. */
export type Verdict =
  | {
      readonly kind: 'granted'
      /** The integration's. */
      readonly clientId: string
      readonly tenantId: TenantId
      /** Event patterns; null: everything. */
      readonly types: readonly string[] | null
      /** Epoch milliseconds; null: the authority did not say. */
      readonly expiresAtMs: number | null
      /** What the authority calls the token, when its answer rests on more than a signature over it; else null. */
      readonly jti: string | null
    }
  /** It is no good, now and later; `isPassing`: now, and perhaps good in a moment. `reason` is for the log. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isPassing?: true }
  /** The authority cannot be asked now; it says nothing about the token. `resting`: it was not asked even. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/**
 * The application's own issuer of access tokens, whose tokens Tidings recognises.
 *
 * Guarantees: `check` never throws and ends within the authority's time-out; a token that it cannot
 * have issued is refused without asking anybody.
 */
export interface Authority {
  readonly name: string
  /** Whether it issued the token, by the token's looks alone. What one surely did, no other is asked about. */
  readonly issued: (token: string) => 'surely' | 'maybe' | 'never'
  readonly check: (token: string, nowMs: number) => Promise<Verdict>
  /** It did not answer a moment ago, and without it nothing can be said: it is not asked in the background meanwhile. */
  readonly isResting: () => boolean
  /** How often a known token is checked again. */
  readonly revalidateMs: number
  /** An authority's clock may be ahead of ours by this: what it ends so shortly before its expiry has expired. */
  readonly toleranceMs: number
  /** How long a grant outlasts the newest token that proved it, for webhooks and for the integration's own secret. */
  readonly grantLastsMs: number
  readonly close: () => Promise<void>
}
