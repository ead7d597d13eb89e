import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { type ClaimNames, readGrantClaims } from '../core/authority-claims.ts'
import type { Clock } from '../core/clock.ts'
import { jsonValue } from '../core/json-text.ts'
import type { Authority, Verdict } from '../registry/authority.ts'
import type { AuthorityFetch } from './authority-fetch.ts'
import { KeySet } from './key-set.ts'

/** Signatures whose key has a public half. `none` and HMAC stand nowhere: a public key must never serve as a secret. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

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
    issued: (token) => (peek(token)?.claims.iss === issuer ? 'surely' : 'never'),
    async check(token, nowMs) {
      const early = refusedUnasked(token, settings, nowMs)
      if (early) return early
      let found = await keys.current()
      for (let round = 0; ; round++) {
        if (found.kind === 'unavailable') return found
        const verified = await verify(token, found.keyOf, settings, nowMs)
        if (verified.kind === 'verified') return verdictOf(token, verified.claims, settings, nowMs)
        if (verified.reason !== 'unknown_key' || round > 0) return { kind: 'refused', reason: verified.reason }
        const renewed = await keys.renewed()
        if (renewed === null) return { kind: 'unavailable', reason: 'unknown_key' }
        found = renewed
      }
    },
    close: () => means.fetch.close(),
  }
}

type Verification =
  | { readonly kind: 'verified'; readonly claims: JWTPayload }
  | { readonly kind: 'failed'; readonly reason: string }

async function verify(
  token: string,
  keyOf: Parameters<typeof jwtVerify>[1] & object,
  settings: JwtAuthoritySettings,
  nowMs: number,
): Promise<Verification> {
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
    return { kind: 'verified', claims: (await jwtVerify(token, keyOf as never, options)).payload }
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { kind: 'failed', reason: 'unknown_key' }
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyWithAny(token, error, options)
    return { kind: 'failed', reason: reasonOf(error) }
  }
}

async function verifyWithAny(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<Verification> {
  let tried = 0
  for await (const key of candidates) {
    if (++tried > mostKeysTried) break
    try {
      return { kind: 'verified', claims: (await jwtVerify(token, key, options)).payload }
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) return { kind: 'failed', reason: reasonOf(error) }
    }
  }
  return { kind: 'failed', reason: 'bad_signature' }
}

/** What needs no key: whoever sends rubbish causes no request. */
function refusedUnasked(token: string, settings: JwtAuthoritySettings, nowMs: number): Verdict | null {
  const read = peek(token)
  if (!read) return { kind: 'refused', reason: 'malformed' }
  if (read.claims.iss !== settings.issuer) return { kind: 'refused', reason: 'other_issuer' }
  if (!settings.algorithms.includes(read.algorithm)) return { kind: 'refused', reason: 'algorithm' }
  if (typeof read.claims.exp !== 'number' || read.claims.exp * 1_000 <= nowMs) {
    return { kind: 'refused', reason: 'expired' }
  }
  return null
}

function verdictOf(token: string, claims: JWTPayload, settings: JwtAuthoritySettings, nowMs: number): Verdict {
  const expiresAtMs = (claims.exp ?? 0) * 1_000
  // The tolerance is for what begins, not for what has ended.
  if (!(expiresAtMs > nowMs)) return { kind: 'refused', reason: 'expired' }
  const named = readGrantClaims(exactClaims(token), settings.claims)
  if (named.kind === 'faulty') return { kind: 'refused', reason: named.reason }
  const { clientId, tenantId, types } = named
  return { kind: 'granted', clientId, tenantId, types, expiresAtMs }
}

/** The claims of a verified token with every digit of their integers, which jose's have not. */
function exactClaims(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = token.split('.')
  return jsonValue(Buffer.from(payload, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>
}

/** Read, not believed. */
function peek(token: string): { readonly algorithm: string; readonly claims: JWTPayload } | null {
  try {
    const { alg } = decodeProtectedHeader(token)
    return { algorithm: alg ?? '', claims: decodeJwt(token) }
  } catch {
    return null
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
