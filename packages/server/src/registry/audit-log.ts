import type { TenantId } from '../core/ids/tenant-id.ts'

export const auditActors = ['operator', 'integrator', 'publisher', 'portal'] as const
export const auditActions = ['created', 'changed', 'deleted', 'requested'] as const

/** One administrative change. Never a secret, never the content of what was changed. */
export interface AuditEntry {
  /** RFC 3339. */
  readonly at: string
  /** The operator by the id of its key, or `configured`; an integrator and its portal by the id of the integration; null: not known. */
  readonly by: { readonly kind: (typeof auditActors)[number]; readonly id: string | null }
  /** Where the request came from. */
  readonly address: string
  /** The method and the route's pattern. */
  readonly request: string
  /** What was changed: `tenant`, `integration`, `token`, `key`, `subscription`, `eventType`, …, or a part of the route. */
  readonly kind: string
  readonly id: string | null
  readonly action: (typeof auditActions)[number]
  /** Whose integration it is, or which one; null: nobody's, or not known. */
  readonly integrationId: string | null
  /** Which tenant it is, grants or is bound to; null: none, or not known. */
  readonly tenantId: TenantId | null
}

export interface NumberedAuditEntry extends AuditEntry {
  /** Grows with every entry. */
  readonly number: number
}

/** Which entries are meant; what is absent says nothing. */
export interface AuditFilter {
  /** Changes to what is this integration's, and changes that it made. */
  readonly integration?: string | undefined
  readonly tenant?: TenantId | undefined
  readonly kind?: string | undefined
  /** The id of what was changed. */
  readonly subject?: string | undefined
  readonly action?: AuditEntry['action'] | undefined
  /** Its kind, as `operator`, or its id, as `key_…`. */
  readonly actor?: string | undefined
  readonly address?: string | undefined
  /** Epoch milliseconds. */
  readonly sinceMs?: number | undefined
  /** Exclusive. */
  readonly untilMs?: number | undefined
}

export function isMeant(entry: AuditEntry, atMs: number, filter: AuditFilter): boolean {
  const { integration, tenant, kind, subject, action, actor, address, sinceMs, untilMs } = filter
  if (integration !== undefined && entry.integrationId !== integration && entry.by.id !== integration) return false
  if (tenant !== undefined && entry.tenantId !== tenant) return false
  if (kind !== undefined && entry.kind !== kind) return false
  if (subject !== undefined && entry.id !== subject) return false
  if (action !== undefined && entry.action !== action) return false
  if (actor !== undefined && entry.by.kind !== actor && entry.by.id !== actor) return false
  if (address !== undefined && entry.address !== address) return false
  return atMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) && atMs < (untilMs ?? Number.POSITIVE_INFINITY)
}

export interface AuditRequest {
  /** Entries with lower numbers. */
  readonly before: number
  readonly limit: number
  readonly filter: AuditFilter
}

export interface AuditPage {
  /** Newest first. May be short, even empty, while there is more. */
  readonly entries: readonly NumberedAuditEntry[]
  /** The `before` of the next page; null: this was the last one. */
  readonly next: number | null
}

/** At most so many entries are kept, and none for longer than this. */
export const auditBounds = { entries: 100_000, days: 400 } as const

/** Administrative changes, kept within `auditBounds`. An entry is durable when `append` resolves. */
export interface AuditLog {
  append(entries: readonly AuditEntry[], nowMs: number): Promise<void>
  page(request: AuditRequest): Promise<AuditPage>
}
