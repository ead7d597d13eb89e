import type { TenantId } from '../core/ids/tenant-id.ts'

/** Events that were published for a tenant before it was created. */
export interface UnknownTenant {
  readonly tenantId: TenantId
  readonly events: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** A publisher that counts its ids up would fill the memory (invariant 8): beyond this the one seen first goes. */
const mostKept = 1_000

/** For which unknown tenants this process has taken events. */
export class UnknownTenants {
  readonly #seen = new Map<TenantId, UnknownTenant>()
  readonly isKnown: (tenantId: TenantId) => boolean
  readonly #nowMs: () => number
  #events = 0

  constructor(isKnown: (tenantId: TenantId) => boolean, nowMs: () => number) {
    this.isKnown = isKnown
    this.#nowMs = nowMs
  }

  /** Events taken since the start, those of tenants that were created afterwards too. */
  get events(): number {
    return this.#events
  }

  note(tenantId: TenantId): void {
    this.#events += 1
    const lastAtMs = this.#nowMs()
    const before = this.#seen.get(tenantId)
    this.#seen.set(tenantId, {
      tenantId,
      events: (before?.events ?? 0) + 1,
      firstAtMs: before?.firstAtMs ?? lastAtMs,
      lastAtMs,
    })
    if (this.#seen.size <= mostKept) return
    const [oldest] = this.#seen.keys()
    this.#seen.delete(oldest!)
  }

  /** Those that are still unknown, the one seen first at the front; at most 1,000. */
  list(): readonly UnknownTenant[] {
    for (const tenantId of this.#seen.keys()) if (this.isKnown(tenantId)) this.#seen.delete(tenantId)
    return [...this.#seen.values()]
  }
}
