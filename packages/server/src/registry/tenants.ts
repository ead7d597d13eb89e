import { AppError } from '../core/errors.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Tenant } from '../core/registry/registry.ts'
import type { Directory } from './directory.ts'
import { endTokens } from './ended-tokens.ts'
import { Faults, type RequestInput } from './faults.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import type { Registry } from './registry.ts'
import { maxTenantDepth } from './tenant-tree.ts'
import { dropRecord, guardRecord, putRecord } from './writes.ts'

const mostNameLength = 255

/**
 * `{id, name?, parentId?}`. Without a name the id serves as one.
 *
 * @throws AppError `invalid_request`; `conflict` when there is such a tenant.
 */
export function createTenant(registry: Registry, input: RequestInput): Promise<Tenant> {
  return registry.change((directory) => {
    const faults = new Faults(input, ['id', 'name', 'parentId'])
    const id = faults.tenantId('id', true)
    const name = faults.text('name', mostNameLength, false)
    const parentId = faults.tenantId('parentId', false)
    const parent = parentId === undefined ? undefined : directory.tenant(parentId)
    if (parentId !== undefined) checkParent(faults, directory, parentId, 1)
    faults.refuse()
    if (directory.tenant(id!)) throw new AppError('conflict', `There is already a tenant ${id}.`)
    const tenant = { id: id!, name: name ?? String(id), parentId: parentId ?? null, createdAt: registry.now() }
    const guards = parent ? [guardRecord('tenant', parent, directory)] : []
    return { writes: [...guards, putRecord('tenant', tenant, 0)], result: tenant }
  })
}

/**
 * `{name?, parentId?}`; `parentId` null puts the tenant at the top.
 *
 * @throws AppError `not_found`; `invalid_request`, also for a parent that stands below the tenant.
 */
export function changeTenant(registry: Registry, id: TenantId, input: RequestInput): Promise<Tenant> {
  return registry.change((directory) => {
    const before = requireTenant(directory, id)
    const faults = new Faults(input, ['name', 'parentId'])
    const name = faults.text('name', mostNameLength, false) ?? before.name
    const given = faults.tenantId('parentId', false)
    const parentId = input.parentId === null ? null : (given ?? before.parentId)
    if (given !== undefined) {
      if (directory.isWithin(given, id)) faults.add('parentId', 'cycle', 'A tenant cannot stand below itself.')
      else checkParent(faults, directory, given, 1 + directory.tenants.height(id))
    }
    faults.refuse()
    const tenant = { ...before, name, parentId }
    // All of the new line is guarded: two moves on two nodes could make a circle together.
    const line = given === undefined ? [] : [...directory.tenants.lineage(given)]
    const guards = line.map((ancestor) => guardRecord('tenant', directory.tenant(ancestor)!, directory))
    return { writes: [...guards, guardedPut(directory, tenant)], result: tenant }
  })
}

/**
 * Deletes a tenant and its access tokens.
 *
 * @throws AppError `not_found`; `conflict` while it has children.
 */
export function deleteTenant(registry: Registry, id: TenantId): Promise<void> {
  return registry.change((directory) => {
    requireTenant(directory, id)
    if (directory.tenants.hasChildren(id)) {
      throw new AppError('conflict', `Tenant ${id} has child tenants. Delete or move them first.`)
    }
    const tokens = endTokens(directory, directory.grants.ofTenant(id), registry.now())
    const drop = dropRecord('tenant', String(id), directory.revisionOf('tenant', String(id)))
    return { writes: [drop, ...tokens], result: undefined }
  })
}

export function listTenants(directory: Directory, request: PageRequest): Page<Tenant> {
  return pageOf(request, {
    key: 'tenantId',
    read: (after, limit) => directory.tenants.page(after, limit),
    keyOf: ({ id }) => id,
  })
}

/** @throws AppError `not_found` */
export function requireTenant(directory: Directory, id: TenantId): Tenant {
  const tenant = directory.tenant(id)
  if (!tenant) throw new AppError('not_found', 'there is no such tenant')
  return tenant
}

/** @param levels that come to stand below the parent. */
function checkParent(faults: Faults, directory: Directory, parentId: TenantId, levels: number): void {
  if (!directory.tenant(parentId)) faults.add('parentId', 'unknown_tenant', 'There is no such tenant.')
  else if (directory.tenants.depth(parentId) + levels >= maxTenantDepth) {
    faults.add('parentId', 'too_deep', `Tenants stand at most ${maxTenantDepth} levels deep.`)
  }
}

function guardedPut(directory: Directory, tenant: Tenant) {
  return putRecord('tenant', tenant, directory.revisionOf('tenant', String(tenant.id)))
}
