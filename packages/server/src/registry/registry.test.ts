import { describe, expect, it } from 'vitest'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { integrationOf, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import type { RegistryChange } from './registry.ts'
import { changeTenant, createTenant, deleteTenant } from './tenants.ts'
import { guardRecord, putRecord } from './writes.ts'

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

describe('a change', () => {
  it('is decided again over what overtook it, and refused when it is overtaken again and again', async () => {
    const { registry, store, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    let decisions = 0
    const rename = (overtakings: number) =>
      registry.change(async () => {
        const current = directory.tenant(1)!
        if (decisions++ < overtakings) await store.commit([putRecord('tenant', { ...current, name: `${decisions}` })])
        const revision = directory.revisionOf('tenant', '1')
        return { writes: [putRecord('tenant', { ...current, name: `${current.name}!` }, revision)], result: decisions }
      })
    expect(await rename(4)).toBe(5)
    expect(directory.tenant(1)?.name).toBe('4!')
    decisions = 0
    await expect(rename(5)).rejects.toMatchObject({ code: 'conflict', retryAfterSeconds: 1 })
    expect(decisions).toBe(5)
  })

  it('waits for the one before, whatever became of that', async () => {
    const { registry } = await makeTestRegistry()
    const order: string[] = []
    const held = Promise.withResolvers<void>()
    const first = registry.change(async () => {
      await held.promise
      order.push('first')
      throw new Error('no')
    })
    const second = registry.change(() => {
      order.push('second')
      return { writes: [], result: 'done' }
    })
    held.resolve()
    await expect(first).rejects.toThrow('no')
    expect(await second).toBe('done')
    expect(order).toEqual(['first', 'second'])
  })
})

it('tells what was made, changed and deleted, and nothing that only guards', async () => {
  const { registry, directory } = await makeTestRegistry()
  const told: RegistryChange[] = []
  registry.onCommitted(async (changes) => {
    told.push(...changes)
  })
  await createTenant(registry, { id: 1 })
  await registry.commit([putRecord('integration', integrationOf('int_1'))])
  await createTenant(registry, { id: 2, parentId: 1 })
  await changeTenant(registry, 2, { name: 'two' })
  await registry.commit([
    guardRecord('tenant', directory.tenant(2)!, directory),
    guardRecord('integration', directory.integrations.get('int_1')!, directory),
    putRecord('token', tokenOf('tok_1', 2)),
  ])
  await deleteTenant(registry, 2)
  const nobodys = { integrationId: null, tenantId: 2 }
  expect(told.slice(1)).toEqual([
    { kind: 'integration', id: 'int_1', action: 'created', belongsTo: { integrationId: 'int_1', tenantId: null } },
    { kind: 'tenant', id: '2', action: 'created', belongsTo: nobodys },
    { kind: 'tenant', id: '2', action: 'changed', belongsTo: nobodys },
    { kind: 'token', id: 'tok_1', action: 'created', belongsTo: { integrationId: 'int_1', tenantId: 2 } },
    { kind: 'tenant', id: '2', action: 'deleted', belongsTo: nobodys },
    { kind: 'token', id: 'tok_1', action: 'deleted', belongsTo: { integrationId: 'int_1', tenantId: 2 } },
  ])
})

it('shows what another node wrote before a refused commit is tried again', async () => {
  const { registry, store, directory } = await makeTestRegistry()
  await store.commit([putRecord('tenant', tenantOf(1))])
  expect(await registry.commit([putRecord('tenant', tenantOf(1), 0)])).toMatchObject({ kind: 'refused' })
  expect(directory.tenant(1)).toEqual(tenantOf(1))
})

it('keeps a secret under the newest master key, and knows it under each', async () => {
  const [old, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] as const
  const before = await makeTestRegistry({ peppers: [old] })
  const { registry } = await makeTestRegistry({ peppers: [current, old] })
  expect(registry.hashes('text')).toEqual([registry.hash('text'), before.registry.hash('text')])
  expect(registry.hash('text')).not.toBe(before.registry.hash('text'))
})
