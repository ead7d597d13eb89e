import type { TenantId } from '../core/ids/tenant-id.ts'
import type { AccessChange } from './stream-authority.ts'

/** What somebody's view is made of. */
export interface HeldAccess {
  readonly tokenIds: Iterable<string>
  /** Tenants of which all below is shown too. */
  readonly rootIds: Iterable<TenantId>
}

/** Who is concerned by a change of access: the cost is those concerned, not all who are connected. */
export class AccessWatch<T> {
  readonly #byKey = new Map<string, Set<T>>()
  readonly #keys = new Map<T, ReadonlySet<string>>()

  /** Replaces what it held before. */
  hold(holder: T, { tokenIds, rootIds }: HeldAccess): void {
    const keys = new Set<string>()
    for (const tokenId of tokenIds) keys.add(tokenKey(tokenId))
    for (const rootId of rootIds) keys.add(tenantKey(rootId))
    const before = this.#keys.get(holder) ?? noKeys
    for (const key of before) if (!keys.has(key)) this.#remove(key, holder)
    for (const key of keys) if (!before.has(key)) this.#add(key, holder)
    if (keys.size > 0) this.#keys.set(holder, keys)
    else this.#keys.delete(holder)
  }

  *concernedBy({ tokenIds, tenantIds }: AccessChange): Iterable<T> {
    for (const tokenId of tokenIds) yield* this.#byKey.get(tokenKey(tokenId)) ?? []
    for (const tenantId of tenantIds) yield* this.#byKey.get(tenantKey(tenantId)) ?? []
  }

  #add(key: string, holder: T): void {
    const holders = this.#byKey.get(key)
    if (holders) holders.add(holder)
    else this.#byKey.set(key, new Set([holder]))
  }

  #remove(key: string, holder: T): void {
    const holders = this.#byKey.get(key)
    holders?.delete(holder)
    if (holders?.size === 0) this.#byKey.delete(key)
  }
}

const noKeys: ReadonlySet<string> = new Set()

function tokenKey(tokenId: string): string {
  return `token ${tokenId}`
}

function tenantKey(tenantId: TenantId): string {
  return `tenant ${tenantId}`
}
