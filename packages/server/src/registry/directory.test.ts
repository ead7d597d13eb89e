import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareTenantIds } from '../core/ids/tenant-id.ts'
import type { Tenant } from '../core/registry/registry.ts'
import { ManualClock } from '../core/time/clock.ts'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { Directory, type DirectoryChange } from './directory.ts'
import { nowMs, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { grantsOf } from './grants.ts'
import { dropRecord, putRecord } from './writes.ts'

describe('the tenant tree', () => {
  it('knows who stands below whom, also after a move', async () => {
    const { registry, directory } = await makeTestRegistry()
    await registry.commit(
      [tenantOf(1), tenantOf(2, 1), tenantOf(3, 2), tenantOf(4, 1)].map((t) => putRecord('tenant', t)),
    )
    expect([...directory.descendants(1)].sort()).toEqual([2, 3, 4])
    expect([...directory.tenants.lineage(3)]).toEqual([3, 2, 1])
    expect(directory.isWithin(3, 1)).toBe(true)
    expect(directory.isWithin(3, 3)).toBe(true)
    expect(directory.isWithin(1, 3)).toBe(false)
    await registry.commit([putRecord('tenant', tenantOf(2, 4))])
    expect([...directory.tenants.lineage(3)]).toEqual([3, 2, 4, 1])
    await registry.commit([putRecord('tenant', tenantOf(2))])
    expect(directory.isWithin(3, 1)).toBe(false)
    expect([...directory.descendants(1)]).toEqual([4])
    expect([...directory.tenants.lineage(99)]).toEqual([99])
  })

  it('does as a plain list of parents does', async () => {
    const write = fc.record({
      id: fc.integer({ min: 1, max: 8 }),
      parent: fc.option(fc.nat(7)),
      isDeletion: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(write), async (writes) => {
        const { registry, directory } = await makeTestRegistry()
        const parents = new Map<number, number | null>()
        for (const { id, parent, isDeletion } of writes) {
          // A parent with a smaller id: no circles, as the rules for writes have it.
          const parentId = parent !== null && parent > 0 && parent < id ? parent : null
          if (isDeletion) parents.delete(id)
          else parents.set(id, parentId)
          await registry.commit([
            isDeletion ? dropRecord('tenant', String(id)) : putRecord('tenant', tenantOf(id, parentId)),
          ])
        }
        const isBelow = (id: number, root: number): boolean => {
          const parent = parents.get(id) ?? null
          return parent !== null && (parent === root || isBelow(parent, root))
        }
        for (let root = 1; root <= 8; root++) {
          const below = [...parents.keys()].filter((id) => isBelow(id, root))
          const found = [...directory.descendants(root)].sort(compareTenantIds)
          // Below a deleted tenant the tree hangs together no more.
          if (parents.has(root)) expect(found).toEqual(below.sort((a, b) => a - b))
          for (let id = 1; id <= 8; id++) expect(directory.isWithin(id, root)).toBe(id === root || isBelow(id, root))
        }
        expect(directory.tenants.page(undefined, 99).map(({ id }) => id)).toEqual(
          [...parents.keys()].sort((a, b) => a - b),
        )
      }),
    )
  })
})

describe('grants', () => {
  it('show what all live tokens of the tenant show together', async () => {
    const { registry, directory } = await makeTestRegistry()
    await registry.commit([
      putRecord('token', tokenOf('a', 1, { types: ['invoice.*'] })),
      putRecord('token', tokenOf('b', 1, { types: ['order.created'], expiresAt: '2026-01-01T00:00:10Z' })),
      putRecord('token', tokenOf('c', 2)),
    ])
    const at = (ms: number) => directory.grantOf('int_1', 1, ms)!
    expect(['invoice.updated', 'order.created', 'order.updated'].map((type) => at(nowMs).allows(type))).toEqual([
      true,
      true,
      false,
    ])
    expect(at(nowMs + 9_999).allows('order.created')).toBe(true)
    expect(at(nowMs + 10_000).allows('order.created')).toBe(false)
    expect(at(nowMs + 10_000).allows('invoice.updated')).toBe(true)
    expect(directory.grantOf('int_1', 2, nowMs)!.allows('anything.at-all')).toBe(true)
    expect(directory.grantOf('int_1', 3, nowMs)).toBeUndefined()
    expect(directory.grantOf('int_2', 1, nowMs)).toBeUndefined()
    expect([...directory.grantedTenants('int_1', nowMs)]).toEqual([1, 2])
  })

  it('end with the token: expired, revoked, moved to another tenant', async () => {
    const { registry, directory } = await makeTestRegistry()
    await registry.commit([
      putRecord('token', tokenOf('a', 1, { expiresAt: '2026-01-01T00:00:10Z' })),
      putRecord('token', tokenOf('b', 2)),
    ])
    expect(directory.grantOf('int_1', 1, nowMs + 10_000)).toBeUndefined()
    await registry.commit([dropRecord('token', 'b')])
    expect(directory.grantOf('int_1', 2, nowMs)).toBeUndefined()
    expect(directory.grants.withHash('hash of b')).toBeUndefined()
    await registry.commit([putRecord('token', tokenOf('a', 3))])
    expect(directory.grantOf('int_1', 1, nowMs)).toBeUndefined()
    expect(directory.grantOf('int_1', 3, nowMs + 10_000)).toBeDefined()
    expect([...directory.grants.integrationsOf(1, nowMs)]).toEqual([])
    expect([...directory.grants.integrationsOf(3, nowMs)]).toEqual(['int_1'])
  })

  it('reach down the tree for those who ask for a subtree, and never up', async () => {
    const { registry, directory, clock } = await makeTestRegistry()
    await registry.commit([
      ...[tenantOf(1), tenantOf(2, 1), tenantOf(3, 2), tenantOf(9)].map((tenant) => putRecord('tenant', tenant)),
      putRecord('token', tokenOf('a', 2, { types: ['invoice.*'] })),
      putRecord('token', tokenOf('b', 3, { types: ['order.*'] })),
    ])
    expect(directory.grantOfSubtree('int_1', 1, nowMs)).toBeUndefined()
    expect(directory.grantOfSubtree('int_1', 9, nowMs)).toBeUndefined()
    const grant = directory.grantOfSubtree('int_1', 3, nowMs)!
    expect(['invoice.updated', 'order.created', 'customer.updated'].map((type) => grant.allows(type))).toEqual([
      true,
      true,
      false,
    ])
    expect(directory.grantOf('int_1', 3, nowMs)!.allows('invoice.updated')).toBe(false)
    expect([...directory.grantedTenantsWithDescendants('int_1', nowMs)].sort()).toEqual([2, 3])
    const grants = grantsOf(directory, clock)
    expect(grants.inherited('int_1', 3)!.allows('order.created')).toBe(true)
    expect(grants.direct('int_1', 3)!.allows('invoice.updated')).toBe(false)
  })

  it('tell when the next token expires', async () => {
    const { registry, directory } = await makeTestRegistry()
    expect(directory.nextExpiryMs(nowMs)).toBeNull()
    const expiring = (id: string, second: number) =>
      putRecord('token', tokenOf(id, 1, { expiresAt: `2026-01-01T00:00:${second}Z` }))
    await registry.commit([expiring('a', 20), expiring('b', 10), expiring('c', 10)])
    expect(directory.nextExpiryMs(nowMs)).toBe(nowMs + 10_000)
    expect(directory.nextExpiryMs(nowMs + 10_000)).toBe(nowMs + 20_000)
    await registry.commit([dropRecord('token', 'a')])
    expect(directory.nextExpiryMs(nowMs + 10_000)).toBeNull()
    expect(directory.nextExpiryMs(nowMs)).toBe(nowMs + 10_000)
  })
})

describe('following the store', () => {
  it('shows a commit when it has resolved, and tells what changed with what was before', async () => {
    const { registry, directory } = await makeTestRegistry()
    const heard: (readonly DirectoryChange[])[] = []
    const stop = directory.onChanged((changes) => {
      expect(directory.tenant(1)?.parentId).toBe((changes[0]!.value as Tenant | null)?.parentId)
      heard.push(changes)
    })
    await registry.commit([putRecord('tenant', tenantOf(1))])
    await registry.commit([dropRecord('tenant', '1')])
    stop()
    await registry.commit([putRecord('tenant', tenantOf(2))])
    expect(heard).toEqual([
      [{ kind: 'tenant', id: '1', revision: 1, value: tenantOf(1), previous: null }],
      [{ kind: 'tenant', id: '1', revision: 2, value: null, previous: tenantOf(1) }],
    ])
  })

  it('shows what another node committed', async () => {
    const { store, registry } = await makeTestRegistry()
    const other = await makeTestRegistry({ store })
    const heard = new Promise((resolve) => other.directory.onChanged(resolve))
    await registry.commit([putRecord('tenant', tenantOf(1))])
    await heard
    expect(other.directory.tenant(1)).toEqual(tenantOf(1))
  })

  it('asks again by the clock when the store could not be read', async () => {
    const store = makeMemoryRegistryStore()
    let isBroken = false
    const flaky = {
      ...store,
      changesAfter: (revision: number, limit: number) =>
        isBroken ? Promise.reject(new Error('broken')) : store.changesAfter(revision, limit),
    }
    const { clock, directory } = await makeTestRegistry({ store: flaky })
    isBroken = true
    await store.commit([putRecord('tenant', tenantOf(1))])
    await clock.advance(1_000)
    expect(directory.tenant(1)).toBeUndefined()
    isBroken = false
    await clock.advance(1_000)
    expect(directory.tenant(1)).toBeDefined()
  })

  it('serves a thousand commits that come during one reading with one more reading', async () => {
    const store = makeMemoryRegistryStore()
    let readings = 0
    let hold = Promise.resolve()
    const slow = {
      ...store,
      changesAfter: async (revision: number, limit: number) => {
        readings += 1
        await hold
        return store.changesAfter(revision, limit)
      },
    }
    const { clock, directory } = await makeTestRegistry({ store: slow })
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    readings = 0
    for (let id = 1; id <= 1_000; id++) await store.commit([putRecord('tenant', tenantOf(id))])
    const shown = directory.showing(1_000)
    resolve()
    await shown
    await clock.advance(0)
    expect(directory.tenants.size).toBe(1_000)
    expect(readings).toBeLessThanOrEqual(2)
  })

  it('asks a store that is closed nothing more once it is stopped, whatever was waiting', async () => {
    const store = makeMemoryRegistryStore()
    let readings = 0
    const counted = {
      ...store,
      changesAfter: (revision: number, limit: number) => {
        readings += 1
        return store.changesAfter(revision, limit)
      },
    }
    const { clock, directory } = await makeTestRegistry({ store: counted })
    for (let id = 1; id <= 100; id++) await store.commit([putRecord('tenant', tenantOf(id))])
    const stopped = directory.stop()
    await store.close()
    await stopped
    await clock.advance(0)
    readings = 0
    expect(clock.nextDueMs()).toBeUndefined()
    await clock.advance(60_000)
    expect(readings).toBe(0)
    await expect(directory.refresh()).rejects.toMatchObject({ code: 'shutting_down' })
  })

  it('does not go on when it could not begin', async () => {
    const clock = new ManualClock()
    const store = makeMemoryRegistryStore()
    const broken = { ...store, changesAfter: () => Promise.reject(new Error('broken')) }
    await expect(Directory.follow(broken, clock)).rejects.toThrow('broken')
    await store.commit([putRecord('tenant', tenantOf(1))])
    await clock.advance(0)
    expect(clock.nextDueMs()).toBeUndefined()
  })

  it('reads page by page, whole commits at once', async () => {
    const store = makeMemoryRegistryStore()
    const limits: number[] = []
    const counted = {
      ...store,
      changesAfter: (revision: number, limit: number) => {
        limits.push(limit)
        return store.changesAfter(revision, limit)
      },
    }
    const tenants = Array.from({ length: 25_000 }, (_, index) => putRecord('tenant', tenantOf(index + 1)))
    for (let at = 0; at < tenants.length; at += 5_000) await store.commit(tenants.slice(at, at + 5_000))
    const { directory } = await makeTestRegistry({ store: counted })
    expect(directory.tenants.size).toBe(25_000)
    expect(directory.revision).toBe(5)
    expect(limits.length).toBeGreaterThan(1)
    const told: number[] = []
    directory.onChanged((changes) => told.push(changes.length))
    for (let at = 0; at < tenants.length; at += 5_000) await store.commit(tenants.slice(at, at + 5_000))
    await directory.showing(10)
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(25_000)
    expect(told.every((count) => count % 5_000 === 0)).toBe(true)
    await directory.stop()
  })

  it('starts with everything that is live', async () => {
    const { store, registry } = await makeTestRegistry()
    await registry.commit([putRecord('tenant', tenantOf(1)), putRecord('tenant', tenantOf(2))])
    await registry.commit([dropRecord('tenant', '1')])
    const directory = await Directory.follow(store)
    expect([directory.tenant(1), directory.tenant(2)?.id, directory.revision]).toEqual([undefined, 2, 2])
    expect(directory.revisionOf('tenant', '2')).toBe(1)
    await directory.stop()
  })
})
