import type { TenantId } from '../core/ids/tenant-id.ts'
import { epochMsOf } from '../core/time/time.ts'
import type { GrantEnd, GrantRecords } from '../explain/facts.ts'
import type { AuditLog } from './audit-log.ts'
import type { Directory } from './directory.ts'
import { grantHistoryOf } from './grant-history.ts'
import { isLive } from './grant-table.ts'

/** Pages of the audit log that one question looks at (invariant 8). */
const mostPages = 5

/** Grants that stand or stood, by the directory; who ended one, by the audit log. */
export function grantRecords(directory: Directory, audit: Pick<AuditLog, 'page'>, nowMs: () => number): GrantRecords {
  const tokensOf = (integrationId: string, tenantIds: readonly TenantId[]) =>
    tenantIds
      .flatMap((tenantId) => directory.grants.ofTenant(tenantId))
      .filter((token) => token.integrationId === integrationId)
      .flatMap(({ id }) => directory.grants.get(id) ?? [])

  async function revokedBy(tokenId: string): Promise<string | null> {
    const filter = { kind: 'token', subject: tokenId, action: 'deleted' } as const
    let before: number | null = Number.MAX_SAFE_INTEGER
    for (let page = 0; page < mostPages && before !== null; page++) {
      const found: Awaited<ReturnType<AuditLog['page']>> = await audit.page({ before, limit: 1, filter })
      const [entry] = found.entries
      if (entry) return entry.by.id === null ? `the ${entry.by.kind}` : `the ${entry.by.kind} (${entry.by.id})`
      before = found.next
    }
    return null
  }

  return {
    isTenantKnown: (tenantId) => directory.tenant(tenantId) !== undefined,

    since: (integrationId, tenantIds, type) => {
      const live = tokensOf(integrationId, tenantIds).filter((each) => isLive(each, nowMs()) && each.types.allows(type))
      const times = live.map(({ token }) => token.createdAt)
      return times.sort((a, b) => epochMsOf(a) - epochMsOf(b))[0] ?? null
    },

    at: (integrationId, timeMs) => grantHistoryOf(directory, integrationId, nowMs()).at(timeMs),

    lastEnd: async (integrationId, tenantIds) => {
      const expired = tokensOf(integrationId, tenantIds)
        .filter((each) => !isLive(each, nowMs()))
        .map(({ token }): GrantEnd => ({ kind: 'expired', at: token.expiresAt!, tokenId: token.id, by: null }))
      const gone = [...directory.endedGrantsOf(integrationId)]
        .filter(({ tenantId }) => tenantIds.includes(tenantId))
        .map(({ id, endedAt, expiresAt }): GrantEnd => {
          const hadExpired = expiresAt !== null && epochMsOf(expiresAt) <= epochMsOf(endedAt)
          return hadExpired
            ? { kind: 'expired', at: expiresAt, tokenId: id, by: null }
            : { kind: 'revoked', at: endedAt, tokenId: id, by: null }
        })
      const [last] = [...expired, ...gone].sort((a, b) => epochMsOf(b.at) - epochMsOf(a.at))
      if (last?.kind !== 'revoked') return last ?? null
      return { ...last, by: await revokedBy(last.tokenId) }
    },
  }
}
