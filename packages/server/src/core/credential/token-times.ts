/** What a token says of its time: claims of a JWT (RFC 7519) or members of an introspection's answer (RFC 7662). */
export interface TimeClaims {
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly iat?: unknown
}

export type TokenTimes =
  /** `expiresAtMs` in epoch milliseconds; null: it does not say. */
  | { readonly kind: 'good'; readonly expiresAtMs: number | null }
  | { readonly kind: 'refused'; readonly reason: 'expired' | 'claim_nbf' | 'claim_iat' }

/**
 * Whether a token counts now. A time that is no NumericDate refuses the token, in every claim: JSON reads `1e999` as
 * Infinity, which is never past, so a lenient reading would make a token that ends into one that never does.
 *
 * @param toleranceMs for what begins; an expiry holds to the millisecond
 */
export function readTokenTimes({ exp, nbf, iat }: TimeClaims, nowMs: number, toleranceMs: number): TokenTimes {
  if (exp !== undefined && !(isNumericDate(exp) && exp * 1_000 > nowMs)) return { kind: 'refused', reason: 'expired' }
  if (nbf !== undefined && !(isNumericDate(nbf) && nbf * 1_000 <= nowMs + toleranceMs)) {
    return { kind: 'refused', reason: 'claim_nbf' }
  }
  if (iat !== undefined && !isNumericDate(iat)) return { kind: 'refused', reason: 'claim_iat' }
  return { kind: 'good', expiresAtMs: exp === undefined ? null : exp * 1_000 }
}

/** The last second of the year 9999, the last that RFC 3339 can write. */
const mostSeconds = 253_402_300_799

/** Seconds since 1970, with a fraction or without one (RFC 7519 §2). */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= mostSeconds
}
