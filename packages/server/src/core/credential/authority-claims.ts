import { isEventPattern } from '../event/event-type-pattern.ts'
import { type TenantId, tenantIdOf, tenantIdOfDigits } from '../ids/tenant-id.ts'

/** Where a token's claims say what it grants. A name that begins with `/` is a JSON Pointer (RFC 6901). */
export interface ClaimNames {
  readonly tenant: string
  /** Its value is the integration's client id. */
  readonly integration: string
  /** A list, or words with spaces between them, as `scope` has; null: every token grants every type. */
  readonly types: string | null
  /** What the words of `types` stand for. Without an entry a word counts only if it is an event pattern. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

export type NamedGrant =
  | {
      readonly kind: 'named'
      readonly clientId: string
      readonly tenantId: TenantId
      /** Event patterns; null: everything. */
      readonly types: readonly string[] | null
    }
  | { readonly kind: 'faulty'; readonly reason: string }

const mostPatterns = 1_000

/**
 * What a token's claims grant, and to whom, given as `jsonValue` reads them, so that ids keep their digits. A claim that is missing or odd grants nothing: it is
 * never guessed at.
 */
export function readGrantClaims(claims: Readonly<Record<string, unknown>>, names: ClaimNames): NamedGrant {
  const tenantId = tenantOf(claimOf(claims, names.tenant))
  if (tenantId === undefined) return { kind: 'faulty', reason: 'tenant_claim' }
  const clientId = claimOf(claims, names.integration)
  if (typeof clientId !== 'string' || clientId === '') return { kind: 'faulty', reason: 'integration_claim' }
  if (names.types === null) return { kind: 'named', clientId, tenantId, types: null }
  const types = patternsOf(claimOf(claims, names.types), names.scopes)
  return types.length === 0 ? { kind: 'faulty', reason: 'types_claim' } : { kind: 'named', clientId, tenantId, types }
}

/** A list's items beyond the thousandth grant nothing. */
function patternsOf(claim: unknown, scopes: ClaimNames['scopes']): string[] {
  const words = typeof claim === 'string' ? claim.split(/\s+/) : Array.isArray(claim) ? claim : []
  const patterns = new Set<string>()
  for (const word of words) {
    if (typeof word !== 'string') continue
    const meant = Object.hasOwn(scopes, word) ? scopes[word]! : isEventPattern(word) ? [word] : []
    for (const pattern of meant) if (patterns.size < mostPatterns) patterns.add(pattern)
  }
  return [...patterns]
}

/** A whole number, or its decimal digits: authorities write ids both ways. */
function tenantOf(claim: unknown): TenantId | undefined {
  return typeof claim === 'string' ? tenantIdOfDigits(claim) : tenantIdOf(claim)
}

function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  const path = name.startsWith('/')
    ? name
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [name]
  let value: unknown = claims
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    // A list has a length of its own, which is nobody's claim.
    if (Array.isArray(value) && !/^\d+$/.test(part)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}
