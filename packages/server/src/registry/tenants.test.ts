import { describe, expect, it } from 'vitest'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { createAccessToken } from './access-tokens.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration } from './integrations.ts'
import { changeTenant, createTenant, deleteTenant, listTenants } from './tenants.ts'

describe('tenants', () => {
  it('are made once, below a parent that there is', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 29300, name: 'Bygg Group' })
    const tenant = await createTenant(registry, { id: 29302, name: 'Bygg AB', parentId: 29300 })
    expect(tenant).toEqual({ id: 29302, name: 'Bygg AB', parentId: 29300, createdAt: '2026-01-01T00:00:00.000Z' })
    expect(directory.tenant(29302)).toEqual(tenant)
    await expect(createTenant(registry, { id: 29302, name: 'again' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(createTenant(registry, { id: 3, parentId: 4 })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/parentId', code: 'unknown_tenant' }],
    })
  })

  it('tell everything that is wrong at once', async () => {
    const { registry } = await makeTestRegistry()
    const input = { id: 0, name: '', parentId: '1', owner: 3 }
    await expect(createTenant(registry, input)).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [
        { pointer: '/owner', code: 'unknown_field' },
        { pointer: '/id', code: 'out_of_range' },
        { pointer: '/name', code: 'invalid_length' },
        { pointer: '/parentId', code: 'invalid_type' },
      ],
    })
  })

  it('never stand below themselves', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    await createTenant(registry, { id: 2, parentId: 1 })
    await createTenant(registry, { id: 3, parentId: 2 })
    for (const parentId of [1, 2, 3]) {
      await expect(changeTenant(registry, 1, { parentId })).rejects.toMatchObject({ errors: [{ code: 'cycle' }] })
    }
    await changeTenant(registry, 2, { parentId: null, name: 'two' })
    expect(directory.tenant(2)).toMatchObject({ parentId: null, name: 'two' })
    await changeTenant(registry, 1, { parentId: 3 })
    expect([...directory.tenants.lineage(1)]).toEqual([1, 3, 2])
  })

  it('cannot be moved into a circle by two nodes at once', async () => {
    const store = makeMemoryRegistryStore()
    const [a, b] = [await makeTestRegistry({ store }), await makeTestRegistry({ store })]
    await createTenant(a.registry, { id: 1 })
    await createTenant(a.registry, { id: 2 })
    await b.directory.refresh()
    const moves = await Promise.allSettled([
      changeTenant(a.registry, 1, { parentId: 2 }),
      changeTenant(b.registry, 2, { parentId: 1 }),
    ])
    expect(moves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('stand at most 32 levels deep', async () => {
    const { registry } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    for (let id = 2; id <= 32; id++) await createTenant(registry, { id, parentId: id - 1 })
    await expect(createTenant(registry, { id: 33, parentId: 32 })).rejects.toMatchObject({
      errors: [{ code: 'too_deep' }],
    })
    await createTenant(registry, { id: 50 })
    await createTenant(registry, { id: 51, parentId: 50 })
    await expect(changeTenant(registry, 50, { parentId: 31 })).rejects.toMatchObject({ errors: [{ code: 'too_deep' }] })
    await changeTenant(registry, 50, { parentId: 30 })
  })

  it('go with their tokens, and not before their children', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    await createTenant(registry, { id: 2, parentId: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    await createAccessToken(registry, id, { tenantId: 1, accessToken: 'abc' })
    await expect(deleteTenant(registry, 1)).rejects.toMatchObject({ code: 'conflict' })
    await deleteTenant(registry, 2)
    await deleteTenant(registry, 1)
    expect(directory.grants.ofIntegration(id)).toEqual([])
    await expect(deleteTenant(registry, 1)).rejects.toMatchObject({ code: 'not_found' })
    await createTenant(registry, { id: 1 })
    expect(directory.grantOf(id, 1, registry.nowMs())).toBeUndefined()
  })

  it('never leave a token behind that another node makes meanwhile', async () => {
    const store = makeMemoryRegistryStore()
    const [a, b] = [await makeTestRegistry({ store }), await makeTestRegistry({ store })]
    await createTenant(a.registry, { id: 1 })
    const { id } = await createIntegration(a.registry, { name: 'Payroll Sync' })
    await b.directory.refresh()
    await Promise.allSettled([
      deleteTenant(a.registry, 1),
      createAccessToken(b.registry, id, { tenantId: 1 }),
      createAccessToken(a.registry, id, { tenantId: 1 }),
    ])
    await a.directory.refresh()
    expect(a.directory.tenant(1)).toBeUndefined()
    expect(a.directory.grants.ofTenant(1)).toEqual([])
  })

  it('are listed in pages', async () => {
    const { registry, directory } = await makeTestRegistry()
    for (const id of [30, 4, 500]) await createTenant(registry, { id })
    const first = listTenants(directory, { limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual([4, 30])
    const second = listTenants(directory, { limit: 2, cursor: first.next })
    expect([second.items.map(({ id }) => id), second.next]).toEqual([[500], null])
    expect(() => listTenants(directory, { cursor: 'W10' })).toThrow(/cursor/)
    expect(() => listTenants(directory, { limit: 0 })).toThrow(/limit/)
  })
})
