import { readBearerText } from '../core/credential/compact-jose.ts'
import type { AccessToken, TokenProof } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { dropTokens } from './ended-grants.ts'
import { recognisedTokenId } from './recognised-grant.ts'
import type { RegistryWrite } from './registry-store.ts'
import { dropRecord, putRecord } from './writes.ts'

const mostDropped = 100

/** What names a token of an authority, however its text is spelled. */
export interface TokenNames {
  /** As they are kept. */
  readonly kept: readonly string[]
  /** As they may have been kept: under every master key that the server knows. */
  readonly all: readonly string[]
}

/** @param said by the authority that stands for the token, when it has been asked */
export function tokenNames(
  hashes: (text: string) => readonly string[],
  text: string,
  said?: { readonly authority: string; readonly jti: string | null },
): TokenNames {
  const bearer = readBearerText(text)
  const covered = `token ${bearer.kind === 'jose' ? bearer.covered : text}`
  const called = said?.jti == null ? [] : [`jti ${said.authority} ${said.jti}`]
  const named = [covered, ...called].map((each) => hashes(each).map(recognisedTokenId))
  return { kept: named.map(([current]) => current!), all: named.flat() }
}

/** Whether the operator ended the grant that the token proved. */
export function isTokenEnded(directory: Directory, { all }: TokenNames): boolean {
  return all.some((name) => directory.endedTokens.get(name) !== undefined)
}

/**
 * Drops access tokens for good. Those that an authority vouches for are remembered in the same commit, so neither a
 * restart nor another spelling of a token's text undoes its end.
 */
export function endTokens(directory: Directory, tokens: readonly AccessToken[], nowText: string): RegistryWrite[] {
  const proofs = tokens.flatMap(({ recognised, names }): readonly TokenProof[] => {
    // What was imported may be good at an authority, too, and for longer than the operator gave it here; what
    // Tidings made is nowhere else.
    if (!recognised) return names ? [{ names, expiresAt: null }] : []
    return recognised.proofs
  })
  const ended = new Map(proofs.flatMap(({ names, expiresAt }) => names.map((id) => [id, { id, expiresAt }] as const)))
  const past = [...directory.endedTokens.values()]
    .filter(({ id, expiresAt }) => expiresAt !== null && expiresAt < nowText && !ended.has(id))
    .slice(0, mostDropped)
  return [
    // A token that came to prove the grant meanwhile has to be among those that end.
    ...dropTokens(
      directory,
      tokens.map((token) => ({ token, ifRevision: directory.revisionOf('token', token.id) })),
      nowText,
    ),
    ...[...ended.values()].map((token) => putRecord('endedToken', token)),
    ...past.map(({ id }) => dropRecord('endedToken', id)),
  ]
}
