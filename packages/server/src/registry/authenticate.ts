import { timingSafeEqual } from 'node:crypto'
import { readBasicCredentials } from '../core/credential/basic-credentials.ts'
import type { Caller } from '../core/credential/caller.ts'
import { hashSecret } from '../core/credential/key.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { AccessToken, ApiKey, Integration, KeptCredential } from '../core/registry/registry.ts'
import { isEnded } from './api-keys.ts'
import type { Directory } from './directory.ts'
import type { LiveToken } from './grant-table.ts'

export type Authentication =
  /** Without `keyId`: by the key of the configuration. */
  | { readonly kind: 'operator'; readonly keyId?: string }
  | { readonly kind: 'publisher'; readonly keyId: string }
  | { readonly kind: 'portal'; readonly keyId: string; readonly integrationId: string }
  /** By client id and secret: for all tenants that granted the integration; by a portal's session, maybe for one alone. */
  | { readonly kind: 'integration'; readonly integration: Integration; readonly tenantId: TenantId | null }
  /** By access token: for its tenant. */
  | {
      readonly kind: 'token'
      readonly integration: Integration
      readonly token: AccessToken
      readonly tenantId: TenantId
    }
  | { readonly kind: 'none'; readonly reason: 'missing' | 'wrong' }

export interface AuthenticationContext {
  readonly directory: Directory
  /** Of the operator's key of the configuration, under the first pepper; undefined: there is none. */
  readonly adminKeyHash: string | undefined
  /** Of `loadServerKeys`. */
  readonly peppers: readonly Uint8Array[]
  readonly nowMs: number
}

const missing: Authentication = { kind: 'none', reason: 'missing' }
const wrong: Authentication = { kind: 'none', reason: 'wrong' }
/** As long as a hash. */
const noHash = '0'.repeat(64)
/** Longer than `Bearer` and any token, or Basic with an id and a secret of 4,096 characters of UTF-8. */
const mostCharacters = 45_000

/** What a caller brings: a key or an access token, or an integration's own credentials. */
export interface CallerCredentials {
  readonly clientId: string | null
  readonly secret: string
}

/**
 * Who a request's `Authorization` header speaks for. An unknown, revoked or expired credential, one
 * of a deleted tenant and none at all are told apart neither by the answer nor by the work it takes.
 */
export function authenticate(header: string | undefined, context: AuthenticationContext): Authentication {
  const credentials = readCredentials(header)
  const found = authenticateWith(credentials ?? { clientId: null, secret: '' }, context)

  if (header === undefined || header === '') return missing
  return credentials === undefined ? wrong : found
}

/** What a header brings; undefined: nothing that can be read. */
export function readCredentials(header: string | undefined): CallerCredentials | undefined {
  const [, scheme, given] = /^(bearer|basic) +(\S.*)$/i.exec((header ?? '').slice(0, mostCharacters)) ?? []
  if (given === undefined) return undefined
  return scheme?.toLowerCase() === 'basic' ? readBasic(given) : { clientId: null, secret: given }
}

/** The same of credentials that came in a body. */
export function authenticateWith(
  { clientId, secret }: CallerCredentials,
  context: AuthenticationContext,
): Authentication {
  const hashes = context.peppers.map((pepper) => hashSecret(secret, pepper))
  return holderOf(clientId, hashes, context)
}

/** The same of credentials as a session keeps them: good for as long as they themselves would be. */
export function authenticateKept({ clientId, hash }: KeptCredential, context: AuthenticationContext): Authentication {
  return holderOf(clientId, [hash], context)
}

/** Credentials as a session keeps them; undefined: they are nobody's. */
export function keptCredential(
  { clientId, secret }: CallerCredentials,
  context: AuthenticationContext,
): KeptCredential | undefined {
  return context.peppers
    .map((pepper) => ({ clientId, hash: hashSecret(secret, pepper) }))
    .find((kept) => authenticateKept(kept, context).kind !== 'none')
}

/** @param hashes of the secret under every pepper, the current one first */
function holderOf(clientId: string | null, hashes: readonly string[], context: AuthenticationContext): Authentication {
  const integration = withSecret(context.directory.integrations.withKey(clientId ?? ''), hashes)
  const isOperator = isAdminKey(hashes[0]!, context)
  const key = firstOf(hashes, (hash) => context.directory.keys.withKey(hash))
  const granted = grantedBy(
    firstOf(hashes, (hash) => context.directory.liveTokenWithHash(hash, context.nowMs)),
    context,
  )

  if (clientId !== null) return integration ? { kind: 'integration', integration, tenantId: null } : wrong
  if (isOperator) return { kind: 'operator' }
  if (key?.kind === 'admin') return { kind: 'operator', keyId: key.id }
  if (key?.kind === 'pub') return { kind: 'publisher', keyId: key.id }
  if (key) return portalOf(key, context) ?? wrong
  return granted ?? wrong
}

/** The text that a header gives as a bearer's, which an authority may know; undefined: it gives none. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec((header ?? '').slice(0, mostCharacters))?.[1]
}

/** The caller as the rest of the server knows it; null when it is nobody. */
export function callerOf(authentication: Authentication): Caller | null {
  switch (authentication.kind) {
    case 'operator':
      return authentication
    case 'portal':
      return authentication
    case 'publisher':
      return { kind: 'publisher' }
    case 'integration':
      return {
        kind: 'integrator',
        integrationId: authentication.integration.id,
        tenantId: authentication.tenantId,
        token: null,
      }
    case 'token': {
      const { integration, tenantId, token } = authentication
      const { id, types } = token
      return { kind: 'integrator', integrationId: integration.id, tenantId, token: { id, types } }
    }
    case 'none':
      return null
    default:
      return authentication satisfies never
  }
}

/** The integration if the secret, given by its hashes under every pepper, is its own. */
export function withSecret(integration: Integration | undefined, hashes: readonly string[]): Integration | undefined {
  const expected = integration?.secretHash ?? noHash
  const isEqual = hashes.map((hash) => isEqualHash(hash, expected)).includes(true)
  return isEqual ? integration : undefined
}

function grantedBy(live: LiveToken | undefined, { directory }: AuthenticationContext): Authentication | undefined {
  const integration = directory.integrations.get(live?.token.integrationId ?? '')
  if (!live || !integration) return undefined
  const { token } = live
  return { kind: 'token', integration, token, tenantId: token.tenantId }
}

function portalOf(key: ApiKey, { directory, nowMs }: AuthenticationContext): Authentication | undefined {
  const { id: keyId, portal } = key
  if (!portal || isEnded(key, nowMs) || !directory.integrations.get(portal.integrationId)) return undefined
  return { kind: 'portal', keyId, integrationId: portal.integrationId }
}

/** What there is none of is compared all the same, with a hash that nothing has: it takes as long. */
function isAdminKey(hash: string, { adminKeyHash }: AuthenticationContext): boolean {
  const isEqual = isEqualHash(hash, adminKeyHash ?? noHash)
  return isEqual && adminKeyHash !== undefined
}

/** What is not readable is compared all the same, with a secret that nobody has: it takes as long. */
function readBasic(given: string): CallerCredentials {
  const read = readBasicCredentials(given.trim())
  return read ? { clientId: read.id, secret: read.password } : { clientId: '', secret: '' }
}

function firstOf<T>(hashes: readonly string[], find: (hash: string) => T | undefined): T | undefined {
  let found: T | undefined
  for (const hash of hashes) found = find(hash) ?? found
  return found
}

function isEqualHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
