import { createHash } from 'node:crypto'
import type { VisibleTypes } from '../core/event/visible-types.ts'
import { compareTenantIds, type TenantId } from '../core/ids/tenant-id.ts'

/** What a connection may see: tenants, and which types of each. */
export interface View {
  /** Equal views have equal keys: connections with one key and the same topics share their bytes. */
  readonly key: string
  readonly tenants: ReadonlyMap<TenantId, VisibleTypes>
}

export function viewOf(tenants: ReadonlyMap<TenantId, VisibleTypes>): View {
  let key: string | undefined
  return {
    tenants,
    // Only when it is asked for: a connection may change its tenants a thousand times before it listens.
    get key() {
      key ??= keyOf(tenants)
      return key
    },
  }
}

function keyOf(tenants: ReadonlyMap<TenantId, VisibleTypes>): string {
  const hash = createHash('sha256')
  for (const tenantId of [...tenants.keys()].sort(compareTenantIds)) {
    hash.update(`${tenantId}\u0000${tenants.get(tenantId)?.key}\n`)
  }
  return hash.digest('base64')
}

export const emptyView: View = viewOf(new Map())

/** Whether something that `before` showed is not shown by `now`. */
export function hasLost(now: View, before: View): boolean {
  for (const [tenantId, types] of before.tenants) if (now.tenants.get(tenantId)?.key !== types.key) return true
  return false
}

export function isVisible(view: View, event: { readonly tenantId: TenantId; readonly type: string }): boolean {
  return view.tenants.get(event.tenantId)?.allows(event.type) ?? false
}
