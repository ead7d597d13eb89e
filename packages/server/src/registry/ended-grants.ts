import type { AccessToken, EndedGrant } from '../core/registry/registry.ts'
import { epochMsOf, formatRfc3339 } from '../core/time/time.ts'
import type { Directory } from './directory.ts'
import type { RegistryWrite } from './registry-store.ts'
import { dropRecord, putRecord } from './writes.ts'

/** As long as an access token that expired is still listed. */
const keptMs = 14 * 86_400_000
const mostDropped = 100

/**
 * Drops access tokens and keeps what they granted: without that nobody could tell later why events were not sent.
 *
 * @param tokens with the revisions that they are dropped at, where it matters
 */
export function dropTokens(
  directory: Directory,
  tokens: readonly { readonly token: AccessToken; readonly ifRevision?: number | undefined }[],
  nowText: string,
): RegistryWrite[] {
  const dropped = tokens.map(({ token, ifRevision }) => dropRecord('token', token.id, ifRevision))
  const ended = tokens.map(({ token }) => putRecord('endedGrant', endedGrant(token, nowText)))
  const names = new Set(ended.map(({ id }) => id))
  const limit = formatRfc3339(epochMsOf(nowText) - keptMs)
  const past: RegistryWrite[] = []
  for (const { id, endedAt } of directory.endedGrants.values()) {
    if (past.length === mostDropped) break
    if (endedAt < limit && !names.has(id)) past.push(dropRecord('endedGrant', id))
  }
  return [...dropped, ...ended, ...past]
}

function endedGrant(
  { id, integrationId, tenantId, types, createdAt, expiresAt }: AccessToken,
  endedAt: string,
): EndedGrant {
  return { id, integrationId, tenantId, types, grantedAt: createdAt, expiresAt, endedAt }
}
