import { type ClaimNames, readGrantClaims } from '../core/authority-claims.ts'
import { clientCredentials } from '../core/client-credentials.ts'
import { jsonValue } from '../core/json-text.ts'
import type { Authority, Verdict } from '../registry/authority.ts'
import type { AuthorityAnswer, AuthorityFetch } from './authority-fetch.ts'

export interface IntrospectionSettings {
  readonly name: string
  readonly url: string
  /** With which Tidings makes itself known. */
  readonly clientId: string
  readonly clientSecret: string
  /** Null: not asked for. */
  readonly issuer: string | null
  /** Any of them; empty: none is asked for. */
  readonly audience: readonly string[]
  readonly claims: ClaimNames
  readonly revalidateMs: number
  readonly toleranceMs: number
  readonly timeoutMs: number
  readonly grantLastsMs: number
}

/** An issuer of opaque tokens that is asked about each (RFC 7662). */
export function introspectionAuthority(settings: IntrospectionSettings, fetch: AuthorityFetch): Authority {
  const { name, url, clientId, clientSecret, revalidateMs, toleranceMs, timeoutMs, grantLastsMs } = settings
  const authorization = clientCredentials(clientId, clientSecret)
  return {
    name,
    revalidateMs,
    toleranceMs,
    grantLastsMs,
    issued: () => 'maybe',
    async check(token, nowMs) {
      const answer = await fetch.ask({
        method: 'POST',
        url,
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        // A token stands in a body, never in a URL, which logs and proxies keep.
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
        timeoutMs,
      })
      return answer.kind === 'json' ? verdictOf(answer, settings, nowMs) : answer
    },
    close: () => fetch.close(),
  }
}

type Answered = Extract<AuthorityAnswer, { kind: 'json' }>

function verdictOf({ value: answer, text }: Answered, settings: IntrospectionSettings, nowMs: number): Verdict {
  if (!isObject(answer) || typeof answer.active !== 'boolean')
    return { kind: 'unavailable', reason: 'no_introspection' }
  if (!answer.active) return { kind: 'refused', reason: 'inactive' }
  const { exp, nbf, iss, aud } = answer
  if (exp !== undefined && (typeof exp !== 'number' || exp * 1_000 <= nowMs)) {
    return { kind: 'refused', reason: 'expired' }
  }
  if (typeof nbf === 'number' && nbf * 1_000 > nowMs + settings.toleranceMs) {
    return { kind: 'refused', reason: 'claim_nbf' }
  }
  if (settings.issuer !== null && iss !== settings.issuer) return { kind: 'refused', reason: 'claim_iss' }
  const audiences = [aud].flat()
  if (settings.audience.length > 0 && !settings.audience.some((wanted) => audiences.includes(wanted))) {
    return { kind: 'refused', reason: 'claim_aud' }
  }
  const named = readGrantClaims(jsonValue(text) as typeof answer, settings.claims)
  if (named.kind === 'faulty') return { kind: 'refused', reason: named.reason }
  const { clientId, tenantId, types } = named
  return { kind: 'granted', clientId, tenantId, types, expiresAtMs: exp === undefined ? null : exp * 1_000 }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
