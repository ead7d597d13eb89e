import { type ClaimNames, readGrantClaims } from '../core/credential/authority-claims.ts'
import { clientCredentials } from '../core/credential/client-credentials.ts'
import { readTokenTimes } from '../core/credential/token-times.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Authority, Verdict } from '../registry/authority.ts'
import type { AuthorityFetch } from './authority-fetch.ts'
import { AuthorityRest } from './rest.ts'

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
export function introspectionAuthority(
  settings: IntrospectionSettings,
  means: { readonly fetch: AuthorityFetch; readonly clock: Pick<Clock, 'now'> },
): Authority {
  const { name, url, clientId, clientSecret, revalidateMs, toleranceMs, timeoutMs, grantLastsMs } = settings
  const authorization = clientCredentials(clientId, clientSecret)
  const rest = new AuthorityRest(means.clock)
  return {
    name,
    revalidateMs,
    toleranceMs,
    grantLastsMs,
    issued: () => 'maybe',
    isResting: () => !rest.isOver,
    async check(token, nowMs) {
      if (!rest.isOver) return { kind: 'unavailable', reason: 'resting' }
      const answer = await means.fetch.ask({
        method: 'POST',
        url,
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        // A token stands in a body, never in a URL, which logs and proxies keep.
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
        timeoutMs,
      })
      const verdict = answer.kind === 'json' ? verdictOf(answer.value, settings, nowMs) : answer
      if (verdict.kind === 'unavailable') rest.begin()
      return verdict
    },
    close: () => means.fetch.close(),
  }
}

function verdictOf(answer: unknown, settings: IntrospectionSettings, nowMs: number): Verdict {
  if (!isObject(answer) || typeof answer.active !== 'boolean')
    return { kind: 'unavailable', reason: 'no_introspection' }
  if (!answer.active) return { kind: 'refused', reason: 'inactive' }
  const { iss, aud, jti } = answer
  const times = readTokenTimes(answer, nowMs, settings.toleranceMs)
  if (times.kind === 'refused') return times
  if (settings.issuer !== null && iss !== settings.issuer) return { kind: 'refused', reason: 'claim_iss' }
  const audiences = [aud].flat()
  if (settings.audience.length > 0 && !settings.audience.some((wanted) => audiences.includes(wanted))) {
    return { kind: 'refused', reason: 'claim_aud' }
  }
  const named = readGrantClaims(answer, settings.claims)
  if (named.kind === 'faulty') return { kind: 'refused', reason: named.reason }
  const { clientId, tenantId, types } = named
  return {
    kind: 'granted',
    clientId,
    tenantId,
    types,
    expiresAtMs: times.expiresAtMs,
    jti: typeof jti === 'string' ? jti : null,
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
