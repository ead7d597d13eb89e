import { hashSecret } from '../core/credential/key.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Integration } from '../core/registry/registry.ts'
import type { StreamAuthority, StreamGrant, TokenCheck } from '../stream/stream-authority.ts'
import { withSecret } from './authenticate.ts'
import type { Directory, DirectoryChange } from './directory.ts'
import type { LiveToken } from './grant-table.ts'
import type { Recognition } from './recogniser.ts'

/**
 * Who may see what on a stream, by the directory. A token that is not known yet is recognised only for whoever
 * shows an integration's secret; one that cannot be checked now is refused by name, and what is open stays so.
 */
export function makeStreamAuthority(
  directory: Directory,
  peppers: readonly Uint8Array[],
  recognise: (text: string, asker: string) => Promise<Recognition>,
): StreamAuthority {
  const hashesOf = (text: string) => peppers.map((pepper) => hashSecret(text, pepper))
  const isUnknown = (text: string) => !hashesOf(text).some((hash) => directory.tokenWithHash(hash))
  return {
    async checkTokens(clientSecret, tokens, nowMs) {
      const unknown = tokens.filter(isUnknown)
      const isNeeded = unknown.length > 0 || tokens.length === 0
      const integration = isNeeded ? integrationWith(clientSecret, directory, peppers) : undefined
      // Without tokens the secret is all there is to check.
      if (tokens.length === 0 && !integration) return { kind: 'refused', invalidTokens: new Set() }
      if (integration) await Promise.all(unknown.map((text) => recognise(text, integration.id)))
      return checkStreamTokens(clientSecret, tokens, { directory, peppers, nowMs })
    },
    descendants: (tenantId) => directory.descendants(tenantId),
    grantOf(tokenId) {
      const live = directory.heldToken(tokenId)
      return live && grantOf(live)
    },
    onChanged(listener) {
      const cancels = [
        directory.recognised.onChanged((tokenId) => listener({ tokenIds: [tokenId], tenantIds: [] })),
        directory.onChanged((changes) => {
          const change = accessChangeOf(changes, directory)
          if (change.tokenIds.size > 0 || change.tenantIds.size > 0) listener(change)
        }),
      ]
      return () => {
        for (const cancel of cancels) cancel()
      }
    },
  }
}

/** A tenant that came, moved or went concerns those above it, where it was and where it is. */
function accessChangeOf(changes: readonly DirectoryChange[], directory: Directory) {
  const tokenIds = new Set<string>()
  const tenantIds = new Set<TenantId>()
  for (const change of changes) {
    // What a deleted integration or tenant had of tokens goes in the same commit.
    if (change.kind === 'token') tokenIds.add(change.id)
    if (change.kind !== 'tenant') continue
    const { value, previous } = change
    if (value && previous && value.parentId === previous.parentId) continue
    for (const tenant of [value, previous]) {
      if (!tenant) continue
      tenantIds.add(tenant.id)
      if (tenant.parentId !== null) for (const id of directory.tenants.lineage(tenant.parentId)) tenantIds.add(id)
    }
  }
  return { tokenIds, tenantIds }
}

function grantOf({ token, types, expiresAtMs }: LiveToken): StreamGrant {
  const { id: tokenId, integrationId, tenantId } = token
  return { tokenId, integrationId, tenantId, types, expiresAtMs }
}

function integrationWith(
  clientSecret: string,
  directory: Directory,
  peppers: readonly Uint8Array[],
): Integration | undefined {
  const hashes = peppers.map((pepper) => hashSecret(clientSecret, pepper))
  for (const integration of directory.integrations.values()) if (withSecret(integration, hashes)) return integration
  return undefined
}

/**
 * Checks bare access tokens together with the client secret of their integration: all are granted,
 * or the answer names those that are not good. A secret that belongs to none of them refuses all.
 */
function checkStreamTokens(
  clientSecret: string,
  tokens: readonly string[],
  context: { readonly directory: Directory; readonly peppers: readonly Uint8Array[]; readonly nowMs: number },
): TokenCheck {
  const { directory, peppers, nowMs } = context
  const secretHashes = peppers.map((pepper) => hashSecret(clientSecret, pepper))
  const grants = tokens.map((text): StreamGrant | undefined => {
    const hashes = peppers.map((pepper) => hashSecret(text, pepper))
    const live = hashes.map((hash) => directory.liveTokenWithHash(hash, nowMs)).find((found) => found !== undefined)
    const integration = withSecret(directory.integrations.get(live?.token.integrationId ?? ''), secretHashes)
    return live && integration ? grantOf(live) : undefined
  })
  const invalidTokens = new Set(tokens.filter((_, index) => grants[index] === undefined))
  if (invalidTokens.size > 0) return { kind: 'refused', invalidTokens }
  return { kind: 'granted', grants: grants as StreamGrant[] }
}
