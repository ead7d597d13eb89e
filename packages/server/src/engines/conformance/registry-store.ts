import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Tenant } from '../../core/registry/registry.ts'
import type { RegistryStore, RegistryWrite } from '../../registry/registry-store.ts'
import { makeMemoryRegistryStore } from '../memory/registry-store.ts'
import { freshStores, type OpenStore } from './fresh-store.ts'

const tenantOf = (id: TenantId, name = `tenant ${id}`): Tenant => ({
  id,
  name,
  parentId: null,
  createdAt: '2026-01-01T00:00:00Z',
})
const put = (id: number, options: { name?: string; ifRevision?: number; uniqueKey?: string } = {}): RegistryWrite => {
  const { name, ...rest } = options
  return { kind: 'tenant', id: String(id), value: tenantOf(id, name), ...rest }
}
const remove = (id: number, ifRevision?: number): RegistryWrite => ({
  kind: 'tenant',
  id: String(id),
  value: null,
  ...(ifRevision === undefined ? {} : { ifRevision }),
})

const plenty = 1_000

/** What every registry store has to do. */
export function describeRegistryStore(name: string, open: OpenStore<RegistryStore>): void {
  describe(`registry store: ${name}`, () => {
    const fresh = freshStores(open)

    it('gives back what was committed, in the order of its revisions', async () => {
      const { store } = await fresh()
      expect(await store.commit([put(2), put(1)])).toEqual({ kind: 'committed', revision: 1 })
      expect(await store.commit([put(3)])).toEqual({ kind: 'committed', revision: 2 })
      const { revision, records } = await store.changesAfter(0, plenty)
      expect(revision).toBe(2)
      expect(records).toEqual([
        { kind: 'tenant', id: '1', revision: 1, value: tenantOf(1) },
        { kind: 'tenant', id: '2', revision: 1, value: tenantOf(2) },
        { kind: 'tenant', id: '3', revision: 2, value: tenantOf(3) },
      ])
      expect((await store.changesAfter(1, plenty)).records.map(({ id }) => id)).toEqual(['3'])
      expect(await store.changesAfter(2, plenty)).toEqual({ revision: 2, records: [], hasMore: false })
    })

    it('gives changes page by page, of whole commits', async () => {
      const { store } = await fresh()
      await store.commit([put(1), put(2)])
      await store.commit([put(3)])
      await store.commit([put(4), put(5), put(6), put(7)])
      await store.commit([remove(3), put(8)])
      await store.commit([put(2, { name: 'again' })])
      const pages = async (from: number, limit: number) => {
        const given: string[][] = []
        for (let revision = from, hasMore = true; hasMore; ) {
          const page = await store.changesAfter(revision, limit)
          given.push(page.records.map(({ id, value }) => (value ? id : `-${id}`)))
          expect(page.revision).toBeGreaterThanOrEqual(revision)
          ;({ revision, hasMore } = page)
          if (!hasMore) expect(revision).toBe(5)
          if (given.length > 20) throw new Error('no page was the last one')
        }
        return given
      }
      expect(await pages(0, 10)).toEqual([['1', '4', '5', '6', '7', '8', '2']])
      expect(await pages(0, 3)).toEqual([['1'], ['4', '5', '6', '7'], ['-3', '8', '2']])
      expect(await pages(0, 1)).toEqual([['1'], ['4', '5', '6', '7'], ['-3', '8'], ['2']])
      expect(await pages(1, 2)).toEqual([['4', '5', '6', '7'], ['-3', '8'], ['2']])
      expect(await pages(4, 1)).toEqual([['2']])
      expect(await pages(5, 1)).toEqual([[]])
      await store.commit([put(9), put(10), put(11)])
      expect(await store.changesAfter(5, 2)).toMatchObject({ revision: 6, hasMore: false })
      expect((await store.changesAfter(5, 2)).records).toHaveLength(3)
    })

    it('keeps the digits of tenant ids, and the numbers of event types as they are', async () => {
      const { store, reopen } = await fresh()
      const parentId = 2n ** 63n - 1n
      const tenant = { ...tenantOf(116015326147118082n), parentId }
      const eventType = { type: 'a.b', definition: { schema: { maximum: 9007199254740992 } } }
      await store.commit([
        { kind: 'tenant', id: '116015326147118082', value: tenant },
        { kind: 'eventType', id: 'a.b', value: eventType },
      ])
      const { records } = await (await reopen()).changesAfter(0, plenty)
      expect(records.map(({ value }) => value)).toEqual([eventType, tenant])
    })

    it('tells of a deletion to those who knew the record, and of nothing to those who start', async () => {
      const { store } = await fresh()
      await store.commit([put(1), put(2)])
      await store.commit([remove(1)])
      expect((await store.changesAfter(1, plenty)).records).toEqual([
        { kind: 'tenant', id: '1', revision: 2, value: null },
      ])
      expect((await store.changesAfter(0, plenty)).records.map(({ id }) => id)).toEqual(['2'])
    })

    it('keeps all or nothing of a commit', async () => {
      const { store } = await fresh()
      await store.commit([put(1)])
      expect(await store.commit([put(2), put(1, { ifRevision: 7 }), put(3)])).toEqual({
        kind: 'refused',
        index: 1,
        reason: 'revision',
      })
      const { revision, records } = await store.changesAfter(0, plenty)
      expect(revision).toBe(1)
      expect(records.map(({ id }) => id)).toEqual(['1'])
    })

    it('commits on a condition only while the condition holds', async () => {
      const { store } = await fresh()
      expect(await store.commit([put(1, { ifRevision: 0 })])).toMatchObject({ kind: 'committed' })
      expect(await store.commit([put(1, { ifRevision: 0 })])).toMatchObject({ kind: 'refused', reason: 'revision' })
      const outcomes = await Promise.all(
        [1, 2, 3].map((n) => store.commit([put(1, { name: `by ${n}`, ifRevision: 1 })])),
      )
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['committed', 'refused', 'refused'])
      expect(await store.commit([remove(1, 1)])).toMatchObject({ kind: 'refused', reason: 'revision' })
      expect(await store.commit([remove(1, 2)])).toMatchObject({ kind: 'committed' })
      expect(await store.commit([put(1, { ifRevision: 0 })])).toMatchObject({ kind: 'committed' })
    })

    it('lets one live record of a kind hold a unique key', async () => {
      const { store } = await fresh()
      await store.commit([put(1, { uniqueKey: 'a' })])
      expect(await store.commit([put(2, { uniqueKey: 'a' })])).toEqual({ kind: 'refused', index: 0, reason: 'unique' })
      expect(await store.commit([put(1, { uniqueKey: 'a', name: 'again' })])).toMatchObject({ kind: 'committed' })
      const otherKind: RegistryWrite = {
        kind: 'eventType',
        id: 'a.b',
        value: { type: 'a.b', definition: {} },
        uniqueKey: 'a',
      }
      expect(await store.commit([otherKind])).toMatchObject({ kind: 'committed' })
      expect(await store.commit([remove(1), put(2, { uniqueKey: 'a' })])).toMatchObject({ kind: 'committed' })
      expect(await store.commit([put(3, { uniqueKey: 'b' }), put(4, { uniqueKey: 'b' })])).toEqual({
        kind: 'refused',
        index: 1,
        reason: 'unique',
      })
    })

    it('never gives a number twice', async () => {
      const { store, reopen } = await fresh()
      const numbers = await Promise.all(Array.from({ length: 20 }, () => store.nextNumber()))
      const again = await reopen()
      numbers.push(await again.nextNumber())
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect(new Set(numbers).size).toBe(21)
      expect(numbers[0]).toBeGreaterThan(0)
    })

    it('keeps text, numbers and absence as they were', async () => {
      const { store, reopen } = await fresh()
      const definition = {
        text: 'å\u0000\u{1f600}"\\',
        number: 1e300,
        list: [null, true, {}],
        nested: { a: { b: 'c' } },
      }
      await store.commit([{ kind: 'eventType', id: 'a.b', value: { type: 'a.b', definition } }])
      const again = await reopen()
      expect((await again.changesAfter(0, plenty)).records[0]!.value).toEqual({ type: 'a.b', definition })
    })

    it('is found as it was after it was closed', async () => {
      const { store, reopen } = await fresh()
      await store.commit([put(1, { uniqueKey: 'a' }), put(2)])
      await store.commit([remove(2)])
      const before = [await store.changesAfter(0, plenty), await store.changesAfter(1, plenty)]
      const again = await reopen()
      expect([await again.changesAfter(0, plenty), await again.changesAfter(1, plenty)]).toEqual(before)
      expect(await again.commit([put(3, { uniqueKey: 'a' })])).toMatchObject({ kind: 'refused', reason: 'unique' })
    })

    it('wakes those who follow it after a commit, and not after a refusal', async () => {
      const { store } = await fresh()
      let wakes = 0
      const stop = store.onChanged(() => wakes++)
      await store.commit([put(1)])
      expect(wakes).toBe(1)
      await store.commit([put(1, { ifRevision: 9 })])
      expect(wakes).toBe(1)
      stop()
      await store.commit([put(2)])
      expect(wakes).toBe(1)
    })

    it('refuses calls once it is closed', async () => {
      const { store } = await open()
      await store.close()
      await expect(store.commit([put(1)])).rejects.toMatchObject({ code: 'shutting_down' })
      await expect(store.changesAfter(0, plenty)).rejects.toMatchObject({ code: 'shutting_down' })
      await store.close()
    })

    it('does as the model does', async () => {
      const write = fc
        .record({
          id: fc.integer({ min: 1, max: 4 }),
          isDeletion: fc.boolean(),
          ifRevision: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 3 }),
          uniqueKey: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
        })
        .map(({ id, isDeletion, ifRevision, uniqueKey }) =>
          isDeletion
            ? remove(id, ifRevision)
            : put(id, { ...(ifRevision === undefined ? {} : { ifRevision }), ...(uniqueKey ? { uniqueKey } : {}) }),
        )
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 12 }), async (commits) => {
          const { store } = await open()
          const model = makeMemoryRegistryStore()
          try {
            for (const writes of commits) {
              expect(await store.commit(writes)).toEqual(await model.commit(writes))
              for (const revision of [0, 1, 3]) {
                for (const limit of [1, 2, plenty]) {
                  expect(await store.changesAfter(revision, limit)).toEqual(await model.changesAfter(revision, limit))
                }
              }
            }
          } finally {
            await store.close()
          }
        }),
        { numRuns: 10 },
      )
    })
  })
}
