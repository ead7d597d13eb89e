import { compareTenantIds, type TenantId } from '../../core/ids/tenant-id.ts'
import type { Tenant } from '../../core/registry/registry.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Directory } from '../directory.ts'

/** The tenants that there are, and how they stand to each other, as the directory has them now. */
export class Tenants {
  readonly #directory: Directory
  readonly #clock: Pick<Clock, 'now'>

  constructor(directory: Directory, clock: Pick<Clock, 'now'>) {
    this.#directory = directory
    this.#clock = clock
  }

  tenant(id: TenantId): Tenant | undefined {
    return this.#directory.tenant(id)
  }

  *subtree(tenantId: TenantId): Iterable<TenantId> {
    yield tenantId
    yield* this.#directory.descendants(tenantId)
  }

  /** Who stands above and below a tenant. */
  familyOf(tenantId: TenantId): { readonly parentTenantId: TenantId | null; readonly hasChildTenants: boolean } {
    return {
      parentTenantId: this.#directory.tenant(tenantId)?.parentId ?? null,
      hasChildTenants: this.#directory.tenants.hasChildren(tenantId),
    }
  }

  isWithin(tenantId: TenantId, rootId: TenantId): boolean {
    return this.#directory.isWithin(tenantId, rootId)
  }

  /** Of those that granted somebody something, the one with the smallest id; undefined: there is none. */
  firstGranted(): TenantId | undefined {
    const granted = [...this.#directory.grants.all()].map(({ tenantId }) => tenantId)
    return granted.sort(compareTenantIds)[0]
  }

  grantedTo(integrationId: string): Iterable<TenantId> {
    return this.#directory.grantedTenants(integrationId, this.#clock.now())
  }
}
