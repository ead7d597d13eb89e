import type { TenantId } from '../core/tenant-id.ts'
import { epochMsOf } from '../core/time.ts'
import { unionOfTypes, visibleTypes } from '../core/visible-types.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import type { Grants } from '../match/grants.ts'
import type { Directory } from './directory.ts'

/** From when to when a token showed its tenant. */
interface Span {
  readonly tokenId: string
  readonly types: readonly string[] | null
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** Made anew for each question: it costs as much as the integration has tokens. */
export function grantHistoryOf(directory: Directory, integrationId: string, nowMs: number): GrantHistory {
  const spans = new Map<TenantId, Span[]>()
  const add = (tenantId: TenantId, span: Span) => {
    const own = spans.get(tenantId)
    if (own) own.push(span)
    else spans.set(tenantId, [span])
  }
  let lastEndMs: number | null = null
  const ended = (atMs: number) => {
    if (atMs <= nowMs) lastEndMs = Math.max(lastEndMs ?? atMs, atMs)
  }
  for (const { id, tenantId, types, createdAt, expiresAt } of directory.grants.ofIntegration(integrationId)) {
    const toMs = expiresAt === null ? Number.POSITIVE_INFINITY : epochMsOf(expiresAt)
    ended(toMs)
    add(tenantId, { tokenId: id, types, fromMs: epochMsOf(createdAt), toMs })
  }
  for (const { id, tenantId, types, grantedAt, expiresAt, endedAt } of directory.endedGrantsOf(integrationId)) {
    const toMs = Math.min(epochMsOf(endedAt), expiresAt === null ? Number.POSITIVE_INFINITY : epochMsOf(expiresAt))
    ended(toMs)
    add(tenantId, { tokenId: id, types, fromMs: epochMsOf(grantedAt), toMs })
  }

  const grantsOf = (stood: (span: Span) => boolean): Grants => {
    const standing = (tenantIds: Iterable<TenantId>) => {
      const found: Span[] = []
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
