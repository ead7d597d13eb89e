/** One administrative change. Never a secret, never the content of what was changed. */
export interface AuditEntry {
  /** RFC 3339. */
  readonly at: string
  /** The operator by the id of its key, or `configured`; an integrator and its portal by the id of the integration; null: not known. */
  readonly by: { readonly kind: 'operator' | 'integrator' | 'publisher' | 'portal'; readonly id: string | null }
  /** Where the request came from. */
  readonly address: string
  /** The method and the route's pattern. */
  readonly request: string
  /** What was changed: `tenant`, `integration`, `token`, `key`, `subscription`, `eventType`, …, or a part of the route. */
  readonly kind: string
  readonly id: string | null
  readonly action: 'created' | 'changed' | 'deleted' | 'requested'
}

export interface NumberedAuditEntry extends AuditEntry {
  /** Grows with every entry. */
  readonly number: number
}

/** At most so many entries are kept, and none for longer than this. */
export const auditBounds = { entries: 100_000, days: 400 } as const

/** Administrative changes, kept within `auditBounds`. An entry is durable when `append` resolves. */
export interface AuditLog {
  append(entries: readonly AuditEntry[], nowMs: number): Promise<void>
  /** Newest first, with numbers below `before`. */
  page(before: number, limit: number): Promise<readonly NumberedAuditEntry[]>
}
