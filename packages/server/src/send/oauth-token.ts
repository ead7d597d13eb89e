import { createHash } from 'node:crypto'
import { clientCredentials } from '../core/credential/client-credentials.ts'
import type { EndpointAuth, Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { TokenSource } from './sender.ts'
import { type AccessGrant, parseTokenAnswer } from './token-answer.ts'
import type { OutgoingRequest, Transport, TransportResult } from './transport.ts'

type OAuth2 = Extract<EndpointAuth, { type: 'oauth2' }>
type TokenOutcome = Awaited<ReturnType<TokenSource['authorization']>>

interface FetchedGrant extends AccessGrant {
  readonly fetchedAtMs: number
}

export interface TokenSourceDeps {
  /** The guarded one: a token URL is as much a stranger's as an endpoint. */
  readonly transport: Transport
  readonly clock: Pick<Clock, 'now'>
  /** Unseals `auth.clientSecret`. */
  readonly clientSecretOf: (subscription: Subscription) => string
  readonly tlsOf: (subscription: Subscription) => OutgoingRequest['tls'] | null
}

const maxGrants = 1_000
/** Attempts that were under way when a token was renewed may be refused for the old one. */
const graceMs = 5_000

/** Bearer tokens by client credentials (RFC 6749 §4.4), kept until shortly before they expire. */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  const grants = new Map<string, FetchedGrant>()
  const underWay = new Map<string, Promise<TokenOutcome>>()
  const keys = new WeakMap<Subscription, string>()

  /**
   * The secret is part of the key: otherwise whoever names another's client would be sent that client's
   * token. Hashed, so that the cache holds no secret.
   */
  function keyOf(subscription: Subscription, auth: OAuth2): string {
    const known = keys.get(subscription)
    if (known !== undefined) return known
    const identity = [subscription.integrationId, auth.tokenUrl, auth.clientId, auth.scope]
    const key = createHash('sha256')
      .update(JSON.stringify([...identity, deps.clientSecretOf(subscription), deps.tlsOf(subscription)]))
      .digest('base64')
    keys.set(subscription, key)
    return key
  }

  async function fetchToken(
    key: string,
    subscription: Subscription,
    auth: OAuth2,
    timeoutMs: number,
  ): Promise<TokenOutcome> {
    const result = await deps.transport.send(
      tokenRequest(auth, deps.clientSecretOf(subscription), timeoutMs, deps.tlsOf(subscription)),
      'unknown',
    )
    const isGranted = result.error === null && result.status === 200
    const grant = isGranted ? parseTokenAnswer(result.body ?? '', deps.clock.now()) : null
    if (grant === null) return { ok: false, result: failed(result) }
    grants.delete(key)
    grants.set(key, { ...grant, fetchedAtMs: deps.clock.now() })
    if (grants.size > maxGrants) grants.delete(grants.keys().next().value!)
    return { ok: true, value: `Bearer ${grant.token}` }
  }

  return {
    authorization(subscription, timeoutMs) {
      const auth = oauth2Of(subscription)
      const key = keyOf(subscription, auth)
      const grant = grants.get(key)
      if (grant !== undefined && deps.clock.now() < grant.staleAtMs) {
        return Promise.resolve({ ok: true, value: `Bearer ${grant.token}` })
      }
      let fetching = underWay.get(key)
      if (fetching === undefined) {
        fetching = fetchToken(key, subscription, auth, timeoutMs).finally(() => underWay.delete(key))
        underWay.set(key, fetching)
      }
      return fetching
    },

    refused(subscription) {
      const key = keyOf(subscription, oauth2Of(subscription))
      const grant = grants.get(key)
      if (grant !== undefined && deps.clock.now() - grant.fetchedAtMs >= graceMs) grants.delete(key)
    },
  }
}

function oauth2Of(subscription: Subscription): OAuth2 {
  const auth = subscription.endpoint.auth
  if (auth?.type !== 'oauth2') throw new Error(`subscription ${subscription.id} does not use OAuth2`)
  return auth
}

function tokenRequest(
  auth: OAuth2,
  clientSecret: string,
  timeoutMs: number,
  tls: OutgoingRequest['tls'] | null,
): OutgoingRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (auth.scope !== null) form.set('scope', auth.scope)
  return {
    method: 'POST',
    url: auth.tokenUrl,
    headers: [
      ['authorization', clientCredentials(auth.clientId, clientSecret)],
      ['accept', 'application/json'],
      ['content-type', 'application/x-www-form-urlencoded'],
    ],
    body: form.toString(),
    timeoutMs,
    ...(tls ? { tls } : {}),
  }
}

/**
 * The attempt that could not get its token. `status` is null, for the receiver was not asked; the token
 * endpoint's status is in the error. Its body is shown only with an error status: another may hold a token.
 */
function failed(result: TransportResult): TransportResult {
  const status = result.status
  const isRefusal = result.error === null && status !== null && status !== 200
  return {
    status: null,
    error: result.error ?? (isRefusal ? `http_${status}` : 'invalid_http'),
    body: isRefusal && status >= 400 ? result.body : null,
    retryAfter: result.retryAfter,
    headers: {},
    durationMs: result.durationMs,
    timing: result.timing,
    isCutShort: result.isCutShort,
  }
}
