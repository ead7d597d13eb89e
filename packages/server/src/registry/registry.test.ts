import { describe, expect, it } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { createAccessToken, deleteAccessToken, listAccessTokens } from './access-tokens.ts'
import { createApiKey, deleteApiKey, listApiKeys, makeFirstAdminKey } from './api-keys.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration, deleteIntegration, listIntegrations, rotateClientSecret } from './integrations.ts'
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

describe('integrations', () => {
  it('show their secret once and keep its hash', async () => {
    const { registry, directory } = await makeTestRegistry()
    const made = await createIntegration(registry, { name: 'Payroll Sync' })
    expect(made.id).toMatch(/^int_/)
    expect(readKey(made.clientSecret)).toEqual({ kind: 'sec' })
    expect(JSON.stringify(directory.integrations.get(made.id))).not.toContain(made.clientSecret)
    const { items } = listIntegrations(directory, {})
    expect(items).toEqual([{ id: made.id, name: 'Payroll Sync', clientId: made.clientId, createdAt: made.createdAt }])
  })

  it('take an existing client id and secret as they are', async () => {
    const { registry, directory } = await makeTestRegistry()
    const given = { name: 'Old', clientId: 'old-client', clientSecret: '6565df' }
    expect(await createIntegration(registry, given)).toMatchObject({ clientId: 'old-client', clientSecret: '6565df' })
    expect(directory.integrations.withKey('old-client')?.secretHash).toBe(registry.hash('6565df'))
    await expect(createIntegration(registry, given)).rejects.toMatchObject({ code: 'conflict' })
    const faulty = createIntegration(registry, { clientId: 'a:b', clientSecret: 'a\nb' })
    await expect(faulty).rejects.toMatchObject({
      errors: [{ pointer: '/name', code: 'required' }, { pointer: '/clientId' }, { pointer: '/clientSecret' }],
    })
  })

  it('change their secret at once', async () => {
    const { registry, directory } = await makeTestRegistry()
    const { id, clientId } = await createIntegration(registry, { name: 'Payroll Sync' })
    const { clientSecret } = await rotateClientSecret(registry, id, {})
    expect(directory.integrations.get(id)).toMatchObject({ clientId, secretHash: registry.hash(clientSecret) })
    expect(await rotateClientSecret(registry, id, { clientSecret: 'own' })).toEqual({ clientSecret: 'own' })
    await expect(rotateClientSecret(registry, 'int_0', {})).rejects.toMatchObject({ code: 'not_found' })
  })

  it('go with their tokens', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const other = await createIntegration(registry, { name: 'Other' })
    await createAccessToken(registry, id, { tenantId: 1 })
    await createAccessToken(registry, other.id, { tenantId: 1 })
    await deleteIntegration(registry, id)
    expect(directory.grants.ofTenant(1).map(({ integrationId }) => integrationId)).toEqual([other.id])
    await expect(createAccessToken(registry, id, { tenantId: 1 })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('access tokens', () => {
  it('grant a tenant, shown once, listed without their text', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const made = await createAccessToken(registry, id, {
      tenantId: 1,
      types: ['invoice.*'],
      expiresAt: '2026-02-01T00:00:00+01:00',
    })
    expect(readKey(made.accessToken)).toEqual({ kind: 'at' })
    const { accessToken, ...view } = made
    expect(listAccessTokens(directory, id, {})).toEqual({ items: [view], next: null })
    expect(directory.grants.withHash(registry.hash(accessToken))?.token.id).toBe(made.id)
    await deleteAccessToken(registry, id, made.id)
    expect(directory.grantOf(id, 1, registry.nowMs())).toBeUndefined()
    await expect(deleteAccessToken(registry, id, made.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are taken over from elsewhere as they are, each once, also from before a new master key', async () => {
    const old = await makeTestRegistry({ peppers: [Buffer.alloc(32, 1)] })
    await createTenant(old.registry, { id: 1 })
    const { id } = await createIntegration(old.registry, { name: 'Payroll Sync' })
    await createAccessToken(old.registry, id, { tenantId: 1, accessToken: '6565df' })
    const again = { tenantId: 1, accessToken: '6565df' }
    await expect(createAccessToken(old.registry, id, again)).rejects.toMatchObject({ code: 'conflict' })
    const rotated = await makeTestRegistry({ store: old.store, peppers: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)] })
    await expect(createAccessToken(rotated.registry, id, again)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('are not deleted through another integration', async () => {
    const { registry } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const [a, b] = [await createIntegration(registry, { name: 'A' }), await createIntegration(registry, { name: 'B' })]
    const token = await createAccessToken(registry, a.id, { tenantId: 1 })
    await expect(deleteAccessToken(registry, b.id, token.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tell everything that is wrong at once', async () => {
    const { registry } = await makeTestRegistry()
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const input = { tenantId: 7, types: ['invoice.*', 'Invoice', 3], expiresAt: 'tomorrow', accessToken: ' abc' }
    await expect(createAccessToken(registry, id, input)).rejects.toMatchObject({
      errors: ['/types/1', '/types/2', '/expiresAt', '/accessToken', '/tenantId'].map((pointer) => ({ pointer })),
    })
  })
})

describe('api keys', () => {
  it('are shown once, listed and deleted', async () => {
    const { registry, directory } = await makeTestRegistry()
    const { key, ...view } = await createApiKey(registry, { kind: 'pub', name: 'ERP' })
    expect(readKey(key)).toEqual({ kind: 'pub' })
    expect(listApiKeys(directory, {}).items).toEqual([view])
    await deleteApiKey(registry, view.id)
    expect(listApiKeys(directory, {}).items).toEqual([])
    await expect(deleteApiKey(registry, view.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(createApiKey(registry, { kind: 'sec' })).rejects.toMatchObject({ errors: [{ pointer: '/kind' }] })
  })

  it('of the operator are made at the first start only', async () => {
    const { registry } = await makeTestRegistry()
    expect(readKey((await makeFirstAdminKey(registry))!)).toEqual({ kind: 'admin' })
    expect(await makeFirstAdminKey(registry)).toBeNull()
  })
})

it('tells what was committed, though it cannot be shown afterwards', async () => {
  const store = makeMemoryRegistryStore()
  let canRead = true
  const changesAfter: typeof store.changesAfter = (...asked) =>
    canRead ? store.changesAfter(...asked) : Promise.reject(new Error('the disk cannot be read'))
  const { registry } = await makeTestRegistry({ store: { ...store, changesAfter } })
  const told: string[] = []
  registry.onCommitted(async (changes) => {
    told.push(...changes.map(({ id, action }) => `${action} ${id}`))
  })
  canRead = false
  await expect(createTenant(registry, { id: 1 })).rejects.toThrow('the disk cannot be read')
  expect(told).toEqual(['created 1'])
})
