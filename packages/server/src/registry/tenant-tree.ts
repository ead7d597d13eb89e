import { SortedList } from '../core/collection/sorted-list.ts'
import { compareTenantIds, type TenantId } from '../core/ids/tenant-id.ts'
import type { Tenant } from '../core/registry/registry.ts'

/** Deeper than any company's structure. It bounds what a look at a tenant's ancestors costs. */
export const maxTenantDepth = 32

/** Tenants and who stands below whom. */
export class TenantTree {
  readonly #tenants = new Map<TenantId, Tenant>()
  readonly #children = new Map<TenantId, Set<TenantId>>()
  readonly #ids = new SortedList<TenantId>(compareTenantIds)

  get(id: TenantId): Tenant | undefined {
    return this.#tenants.get(id)
  }

  get size(): number {
    return this.#tenants.size
  }

  put(tenant: Tenant): void {
    const before = this.#tenants.get(tenant.id)
    if (!before) this.#ids.add(tenant.id)
    this.#tenants.set(tenant.id, tenant)
    if (before?.parentId === tenant.parentId) return
    if (before) this.#leave(before)
    if (tenant.parentId === null) return
    const siblings = this.#children.get(tenant.parentId)
    if (siblings) siblings.add(tenant.id)
    else this.#children.set(tenant.parentId, new Set([tenant.id]))
  }

  delete(id: TenantId): void {
    const tenant = this.#tenants.get(id)
    if (!tenant) return
    this.#tenants.delete(id)
    this.#ids.delete(id)
    this.#leave(tenant)
  }

  /** By id, from after the one given. */
  page(after: TenantId | undefined, limit: number): Tenant[] {
    return this.#ids.after(after, limit).map((id) => this.#tenants.get(id)!)
  }

  hasChildren(id: TenantId): boolean {
    return this.#children.has(id)
  }

  /** The tenant's ancestors, itself first. */
  *lineage(id: TenantId): Iterable<TenantId> {
    let current: TenantId | null = id
    // One more than the depth allowed: a cycle, which no write can make, would end here and not hang.
    for (let depth = 0; current !== null && depth <= maxTenantDepth; depth++) {
      yield current
      current = this.#tenants.get(current)?.parentId ?? null
    }
  }

  /** Whether the tenant is the root or stands below it, at any depth. */
  isWithin(id: TenantId, root: TenantId): boolean {
    for (const ancestor of this.lineage(id)) if (ancestor === root) return true
    return false
  }

  /** All tenants below this one, at any depth, without itself. */
  *descendants(id: TenantId): Iterable<TenantId> {
    const open = [...(this.#children.get(id) ?? [])]
    while (open.length > 0) {
      const next = open.pop()!
      yield next
      for (const child of this.#children.get(next) ?? []) open.push(child)
    }
  }

  /** How many tenants stand above this one. */
  depth(id: TenantId): number {
    return [...this.lineage(id)].length - 1
  }

  /** How many levels stand below this one. */
  height(id: TenantId): number {
    let deepest = 0
    for (const child of this.#children.get(id) ?? []) deepest = Math.max(deepest, 1 + this.height(child))
    return deepest
  }

  #leave({ id, parentId }: Tenant): void {
    if (parentId === null) return
    const siblings = this.#children.get(parentId)
    siblings?.delete(id)
    if (siblings?.size === 0) this.#children.delete(parentId)
  }
}
