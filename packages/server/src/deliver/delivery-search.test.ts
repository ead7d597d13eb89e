import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { type DeliverySearch, searchPage } from './delivery-search.ts'
import { nothingSettled } from './settling/settling-store.ts'

const any: DeliverySearch = {
  ...{ subscriptions: [1], statuses: null, wantsType: null, tenants: null, entityKey: null, error: null },
  ...{ sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
}

/** Failed ones, the newest with the highest position. */
async function storeOf(count: number, typeOf: (position: number) => string) {
  const store = makeMemoryDeliveryStore()
  const rows = Array.from({ length: count }, (_, index) => ({
    ...{ subscription: 1, partition: 0, position: index + 1, topic: 'invoices', type: typeOf(index + 1) },
    ...{ tenantId: 1, entityKey: String(index), sequence: index + 1, attempts: 1 },
    ...{ firstAttemptAtMs: index, dueAtMs: index, status: 'failed' as const },
  }))
  await store.settle({ ...nothingSettled, ended: rows }, soleLease)
  return store
}

test('a page ends with the last one that is shown: the next goes on right after it', async () => {
  const store = await storeOf(40, (position) => (position % 3 === 0 ? 'a.b' : 'c.d'))
  const search = { ...any, wantsType: (type: string) => type === 'a.b' }
  for (const limit of [1, 2, 5, 13, 14]) {
    const found: number[] = []
    let cursor: string | null = null
    do {
      const page = await searchPage(store, search, { limit, cursor })
      expect(page.rows.length).toBeLessThanOrEqual(limit)
      if (page.next !== null) expect(page.rows).toHaveLength(limit)
      found.push(...page.rows.map(({ position }) => position))
      cursor = page.next
    } while (cursor !== null)
    expect(found).toEqual([39, 36, 33, 30, 27, 24, 21, 18, 15, 12, 9, 6, 3])
  }
})

test('what a page looks at is bounded: a rare one comes with a later page', async () => {
  const store = await storeOf(10_400, (position) => (position === 1 ? 'rare.one' : 'c.d'))
  const search = { ...any, wantsType: (type: string) => type === 'rare.one' }
  const first = await searchPage(store, search, { limit: 10, cursor: null })
  expect(first.rows).toEqual([])
  const second = await searchPage(store, search, { limit: 10, cursor: first.next })
  expect(second.rows.map(({ position }) => position)).toEqual([1])
  expect(second.next).toBeNull()
})
