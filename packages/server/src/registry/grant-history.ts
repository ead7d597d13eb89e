import { unionOfTypes, visibleTypes } from '../core/event/visible-types.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { epochMsOf } from '../core/time/time.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import type { Grants } from '../match/grants.ts'
import type { Directory } from './directory.ts'

/** From when to when a token showed its tenant. */
interface GrantSpan {
  readonly tokenId: string
  readonly types: readonly string[] | null
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** All that an integration has been granted, as far back as that is kept. */
interface KeptSpans {
  readonly integrationId: string
  /** Of the registry: at another one they are out of date. */
  readonly revision: number
  readonly byTenant: ReadonlyMap<TenantId, readonly GrantSpan[]>
}

/**
 * Those that were asked for last: questions about one integration come many at once, one for each subscription, and
 * reading the times of 20,000 tokens takes 40 ms.
 */
const kept = new WeakMap<Directory, KeptSpans>()

function spansOf(directory: Directory, integrationId: string): KeptSpans['byTenant'] {
  const before = kept.get(directory)
  const { revision } = directory
  if (before?.revision === revision && before.integrationId === integrationId) return before.byTenant
  const byTenant = new Map<TenantId, GrantSpan[]>()
  const add = (tenantId: TenantId, span: GrantSpan) => {
    const own = byTenant.get(tenantId)
    if (own) own.push(span)
    else byTenant.set(tenantId, [span])
  }
  for (const { id, tenantId, types, createdAt, expiresAt } of directory.grants.ofIntegration(integrationId)) {
    add(tenantId, { tokenId: id, types, fromMs: epochMsOf(createdAt), toMs: endMsOf(expiresAt) })
  }
  for (const { id, tenantId, types, grantedAt, expiresAt, endedAt } of directory.endedGrantsOf(integrationId)) {
    const toMs = Math.min(epochMsOf(endedAt), endMsOf(expiresAt))
    add(tenantId, { tokenId: id, types, fromMs: epochMsOf(grantedAt), toMs })
  }
  kept.set(directory, { integrationId, revision, byTenant })
  return byTenant
}

function endMsOf(expiresAt: string | null): number {
  return expiresAt === null ? Number.POSITIVE_INFINITY : epochMsOf(expiresAt)
}

export function grantHistoryOf(directory: Directory, integrationId: string, nowMs: number): GrantHistory {
  const spans = spansOf(directory, integrationId)
  let lastEndMs: number | null = null
  for (const own of spans.values()) {
    for (const { toMs } of own) if (toMs <= nowMs) lastEndMs = Math.max(lastEndMs ?? toMs, toMs)
  }

  const grantsOf = (stood: (span: GrantSpan) => boolean): Grants => {
    const standing = (tenantIds: Iterable<TenantId>) => {
      const found: GrantSpan[] = []
      for (const tenantId of tenantIds) found.push(...(spans.get(tenantId) ?? []).filter(stood))
      return found.length === 0 ? undefined : unionOfTypes(found.map(({ types }) => types))
    }
    const lineage = (tenantId: TenantId) => directory.tenants.lineage(tenantId)
    const isIts = (other: string) => other === integrationId
    return {
      integrationsOf: (tenantId) => (standing([tenantId]) ? [integrationId] : []),
      direct: (other, tenantId) => (isIts(other) ? standing([tenantId]) : undefined),
      inherited: (other, tenantId) => (isIts(other) ? standing(lineage(tenantId)) : undefined),
      ofToken: (tokenId) => {
        for (const own of spans.values()) {
          const span = own.find((each) => each.tokenId === tokenId && stood(each))
          if (span) return visibleTypes(span.types)
        }
        return undefined
      },
      lineage,
    }
  }
  return {
    hasEnded: lastEndMs !== null,
    lastEndMs,
    at: (timeMs) => grantsOf(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs),
    upTo: (timeMs) => grantsOf(({ fromMs }) => fromMs <= timeMs),
    endOf: (tenantId, atMs) => {
      const own = [...directory.tenants.lineage(tenantId)].flatMap((each) => spans.get(each) ?? [])
      if (own.length === 0 || own.some(({ toMs }) => toMs > atMs)) return null
      return Math.max(...own.map(({ toMs }) => toMs))
    },
  }
}
