import type { AccessToken } from '../core/registry.ts'
import type { TenantId } from '../core/tenant-id.ts'
import type { EndedGrant, GrantRecords } from '../explain/facts.ts'
import type { AuditLog } from './audit-log.ts'
import type { Directory } from './directory.ts'
import { isLive } from './grant-table.ts'

/** Pages of the audit log that one question looks at (invariant 8). */
const mostPages = 3

/** Grants that are there now by the directory, and those that have ended by it and by the audit log. */
export function grantRecords(directory: Directory, audit: Pick<AuditLog, 'page'>, nowMs: () => number): GrantRecords {
  const tokensOf = (integrationId: string, tenantIds: readonly TenantId[]) =>
    tenantIds
      .flatMap((tenantId) => directory.grants.ofTenant(tenantId))
      .filter((token) => token.integrationId === integrationId)
      .flatMap(({ id }) => directory.grants.get(id) ?? [])

  async function revoked(integrationId: string, tenantId: TenantId): Promise<EndedGrant | null> {
    let before: number | null = Number.MAX_SAFE_INTEGER
    const filter = { integration: integrationId, tenant: tenantId, kind: 'token', action: 'deleted' } as const
    for (let page = 0; page < mostPages && before !== null; page++) {
      const found: Awaited<ReturnType<AuditLog['page']>> = await audit.page({ before, limit: 1, filter })
      const [entry] = found.entries
      if (entry) {
        const by = entry.by.id === null ? `the ${entry.by.kind}` : `the ${entry.by.kind} (${entry.by.id})`
        return { kind: 'revoked', at: entry.at, tokenId: entry.id ?? '', by }
      }
      before = found.next
    }
    return null
  }

  return {
    isTenantKnown: (tenantId) => directory.tenant(tenantId) !== undefined,

    since: (integrationId, tenantIds, type) => {
      const live = tokensOf(integrationId, tenantIds).filter((each) => isLive(each, nowMs()) && each.types.allows(type))
      return earliest(live.map(({ token }) => token))
    },

    ended: async (integrationId, tenantIds) => {
      const expired = tokensOf(integrationId, tenantIds)
        .filter((each) => !isLive(each, nowMs()))
        .map(({ token }): EndedGrant => ({ kind: 'expired', at: token.expiresAt!, tokenId: token.id, by: null }))
      const removed = await Promise.all(tenantIds.map((tenantId) => revoked(integrationId, tenantId)))
      const all = [...expired, ...removed.filter((grant) => grant !== null)]
      return all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0] ?? null
    },
  }
}

function earliest(tokens: readonly AccessToken[]): string | null {
  const times = tokens.map(({ createdAt }) => createdAt)
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null
}
