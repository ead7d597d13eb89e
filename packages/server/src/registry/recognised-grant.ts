import { createHash } from 'node:crypto'
import { base62OfBytes } from '../core/ids/base62.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { AccessToken, TokenProof } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'

/** What a known token contributes to the grant that stands for its tenant. */
export interface GrantProof {
  readonly tokenId: string
  readonly names: readonly string[]
  readonly types: readonly string[] | null
  /** Epoch milliseconds; null: the authority did not say. */
  readonly expiresAtMs: number | null
}

export interface GrantParties {
  readonly authority: string
  readonly integrationId: string
  readonly tenantId: TenantId
}

const mostProofs = 100
const idDigits = 22
const idBytes = 16

/** One grant for an authority, an integration and a tenant, whichever node and token made it. */
export function recognisedGrantId({ authority, integrationId, tenantId }: GrantParties): string {
  return idOf(`${integrationId} ${tenantId} ${authority}`)
}

/** An id for a recognised token, by the hash of its text or of what names it: the same whenever it is recognised. */
export function recognisedTokenId(hash: string): string {
  return idOf(hash)
}

function idOf(text: string): string {
  return `tok_${base62OfBytes(createHash('sha256').update(text).digest().subarray(0, idBytes), idDigits)}`
}

/**
 * The grant that known tokens prove together: what any of them shows, and `lastsMs` beyond the last of
 * them, so that webhooks go on while the integration fetches its next short-lived token. The last is the newest.
 */
export function provenGrant(
  parties: GrantParties,
  proofs: readonly [GrantProof, ...GrantProof[]],
  rules: {
    readonly lastsMs: number
    readonly sealedToken: string
    readonly createdAt: string
    /** Of tokens that proved it before, and are not expired. */
    readonly earlier: readonly TokenProof[]
  },
): AccessToken {
  const id = recognisedGrantId(parties)
  const { authority, integrationId, tenantId } = parties
  const types = proofs.some((proof) => proof.types === null)
    ? null
    : [...new Set(proofs.flatMap((proof) => proof.types ?? []))].sort()
  const ends = proofs.map(({ expiresAtMs }) => expiresAtMs ?? Number.POSITIVE_INFINITY)
  const newest = proofs.at(-1)!
  const known = proofs.map(({ names, expiresAtMs }) => ({ names, expiresAt: timeOf(expiresAtMs) }))
  const isKnown = new Set(known.flatMap(({ names }) => names))
  const forgotten = rules.earlier.filter(({ names }) => !names.some((name) => isKnown.has(name)))
  return {
    id,
    integrationId,
    tenantId,
    // No text hashes to this: the grant is no credential.
    hash: `grant ${id}`,
    types,
    expiresAt: timeOf(Math.max(...ends) + rules.lastsMs),
    createdAt: rules.createdAt,
    recognised: {
      authority,
      token: rules.sealedToken,
      tokenId: newest.tokenId,
      tokenExpiresAt: timeOf(newest.expiresAtMs),
      proofs: [...forgotten, ...known].slice(-mostProofs),
    },
  }
}

/** Latest time of four-digit years: authorities write "never" as an expiry far beyond. */
const mostMs = Date.UTC(9999, 0, 1)

function timeOf(ms: number | null): string | null {
  return ms === null || ms > mostMs ? null : formatRfc3339(Math.ceil(ms))
}
