import { decodeJwt, errors, type JWTVerifyOptions, jwtVerify } from 'jose'
import { type ClaimNames, readGrantClaims } from '../core/credential/authority-claims.ts'
import { type JsonMembers, readJwt } from '../core/credential/compact-jose.ts'
import { readTokenTimes } from '../core/credential/token-times.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Authority, Verdict } from '../registry/authority.ts'
import type { AuthorityFetch } from './authority-fetch.ts'
import { KeySet } from './key-set.ts'

export interface JwtAuthoritySettings {
  readonly name: string
  readonly issuer: string
  /** Any of them; empty: none is asked for. */
  readonly audience: readonly string[]
  /** As `at+jwt` (RFC 9068), which tells access tokens from id tokens; null: any. */
  readonly type: string | null
  readonly jwksUrl: string
  readonly algorithms: readonly string[]
  readonly claims: ClaimNames
  readonly toleranceMs: number
  readonly timeoutMs: number
  readonly grantLastsMs: number
}

/** A token whose key was withdrawn is found by it; the keys themselves are kept for longer. */
const revalidateMs = 60_000
/** Several keys can fit a token that names none. */
const mostKeysTried = 8

/** An issuer of JWTs (RFC 7519), checked by the keys behind its JWKS URL. */
export function jwtAuthority(
  settings: JwtAuthoritySettings,
  means: { readonly fetch: AuthorityFetch; readonly clock: Pick<Clock, 'now'> },
): Authority {
  const { name, issuer, toleranceMs, grantLastsMs } = settings
  const keys = new KeySet({ url: settings.jwksUrl, timeoutMs: settings.timeoutMs, ...means })
  return {
    name,
    revalidateMs,
    toleranceMs,
    grantLastsMs,
    issued: (token) => (issuerOf(token) === issuer ? 'surely' : 'never'),
    isResting: () => keys.areOut && keys.isResting,
    async check(token, nowMs) {
      const claimed = claimedBy(token, settings, nowMs)
      if (claimed.kind === 'refused') return claimed
      // Keys that were fetched from here on are as new as the token.
      const before = keys.fetches
      let found = await keys.current()
      for (;;) {
        if (found.kind === 'unavailable') return found
        const failure = await verify(token, found.keyOf, settings, nowMs)
        if (failure === null) return claimed
        if (failure !== 'unknown_key') return { kind: 'refused', reason: failure }
        const newer = found.fetch > before ? null : await keys.after(before)
        // An issuer may sign with a key a moment before it shows it.
        if (newer === null || newer.kind === 'spent') return { kind: 'refused', reason: failure, isPassing: true }
        found = newer
      }
    },
    close: () => means.fetch.close(),
  }
}

/** Null when the token is good; else why not. */
async function verify(
  token: string,
  keyOf: Parameters<typeof jwtVerify>[1] & object,
  settings: JwtAuthoritySettings,
  nowMs: number,
): Promise<string | null> {
  const { issuer, audience, algorithms, toleranceMs, type } = settings
  const options: JWTVerifyOptions = {
    issuer,
    algorithms: [...algorithms],
    clockTolerance: toleranceMs / 1_000,
    currentDate: new Date(nowMs),
    requiredClaims: ['exp'],
    ...(audience.length > 0 ? { audience: [...audience] } : {}),
    ...(type === null ? {} : { typ: type }),
  }
  try {
    await jwtVerify(token, keyOf as never, options)
    return null
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key'
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options)
    return reasonOf(error)
  }
}

async function verifyWithAny(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<string | null> {
  let tried = 0
  for await (const key of candidates) {
    if (++tried > mostKeysTried) break
    try {
      await jwtVerify(token, key, options)
      return null
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return reasonOf(error)
    }
  }
  return 'bad_signature'
}

/** What the token says for itself, believed only once its signature is good. Whoever sends rubbish causes no request. */
function claimedBy(
  token: string,
  settings: JwtAuthoritySettings,
  nowMs: number,
): Exclude<Verdict, { kind: 'unavailable' }> {
  const jwt = readJwt(token)
  if (!jwt) return { kind: 'refused', reason: 'malformed' }
  const { header, claims } = jwt
  if (claims.iss !== settings.issuer) return { kind: 'refused', reason: 'other_issuer' }
  if (!settings.algorithms.includes(String(header.alg))) return { kind: 'refused', reason: 'algorithm' }
  // A token that never ends could never be ended by its issuer.
  if (claims.exp === undefined) return { kind: 'refused', reason: 'expired' }
  const times = readTokenTimes(claims, nowMs, settings.toleranceMs)
  if (times.kind === 'refused') return times
  const named = readGrantClaims(claims, settings.claims)
  if (named.kind === 'faulty') return { kind: 'refused', reason: named.reason }
  const { clientId, tenantId, types } = named
  return { kind: 'granted', clientId, tenantId, types, expiresAtMs: times.expiresAtMs, jti: null }
}

/** Of any text that a lenient reader could take for a token of the issuer. */
function issuerOf(token: string): unknown {
  try {
    return (decodeJwt(token) as JsonMembers).iss
  } catch {
    return undefined
  }
}

/** jose's codes without their prefix, as `claim_validation_failed`; others are bugs of nobody's token. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `claim_${error.claim}`
  if (error instanceof errors.JOSEError) return error.code.replace(/^ERR_/, '').toLowerCase()
  // A key of the set that cannot be used, as one that is too short, is thrown as a TypeError.
  if (error instanceof TypeError || (error as { name?: string }).name === 'DataError') return 'unusable_key'
  throw error
}
