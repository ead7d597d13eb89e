import { hashSecret } from '../core/key.ts'
import type { Integration } from '../core/registry.ts'
import type { StreamAuthority, TokenCheck, TokenGrant } from '../stream/authority.ts'
import { withSecret } from './authenticate.ts'
import type { Directory } from './directory.ts'
import { isLive } from './grant-table.ts'
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
    isLive(tokenId) {
      const token = directory.tokenWithId(tokenId)?.token
      if (!token || !directory.integrations.get(token.integrationId)) return false
      return directory.tenant(token.tenantId) !== undefined
    },
    onChanged(wake) {
      const cancels = [
        directory.recognised.onEnded(wake),
        directory.onChanged((changes) => {
          if (changes.some(({ kind }) => kind === 'token' || kind === 'tenant' || kind === 'integration')) wake()
        }),
      ]
      return () => {
        for (const cancel of cancels) cancel()
      }
    },
  }
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
  const grantOf = (text: string): TokenGrant | undefined => {
    const hashes = peppers.map((pepper) => hashSecret(text, pepper))
    const live = hashes.map((hash) => directory.tokenWithHash(hash)).find((found) => found !== undefined)
    const integration = withSecret(directory.integrations.get(live?.token.integrationId ?? ''), secretHashes)
    if (!live || !integration || !isLive(live, nowMs) || !directory.tenant(live.token.tenantId)) return undefined
    const { id: tokenId, integrationId, tenantId } = live.token
    return { tokenId, integrationId, tenantId, types: live.types, expiresAtMs: live.expiresAtMs }
  }
  const grants = tokens.map(grantOf)
  const invalidTokens = new Set(tokens.filter((_, index) => grants[index] === undefined))
  if (invalidTokens.size > 0) return { kind: 'refused', invalidTokens }
  return { kind: 'granted', grants: grants as TokenGrant[] }
}
