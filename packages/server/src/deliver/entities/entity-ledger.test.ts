import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deliveryTo, type WaitingDelivery } from '../../core/delivery/delivery.ts'
import { soleLease } from '../../core/delivery/lease.ts'
import { makeMemoryDeliveryStore } from '../../engines/memory/delivery-store.ts'
import { eventAt } from '../fixtures/pending.ts'
import { nothingSettled } from '../settling/settling-store.ts'
import { EntityLedger, heldDueMs, loadLedger } from './entity-ledger.ts'
import { entityOf } from './entity-order.ts'

const row = (position: number, entityKey = '1', dueAtMs = 0): WaitingDelivery => ({
  ...deliveryTo(1, eventAt(position, entityKey), position),
  ...{ attempts: 1, firstAttemptAtMs: 0, dueAtMs },
})

test('keeps the waiting rows of an entity oldest first, one for each event', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (positions) => {
      const ledger = new EntityLedger()
      for (const position of positions) ledger.wait('a', row(position))
      const expected = [...new Set(positions)].sort((a, b) => a - b)
      expect(ledger.waitingOf('a').map(({ position }) => position)).toEqual(expected)
      expect(ledger.oldestOf('a')?.position).toBe(expected[0])
    }),
  )
})

test('counts attempts of an entity that are under way', () => {
  const ledger = new EntityLedger()
  ledger.begin('a')
  ledger.begin('a')
  ledger.end('a')
  expect(ledger.isUnderWay('a')).toBe(true)
  expect(ledger.isUnderWay('b')).toBe(false)
  ledger.end('a')
  expect(ledger.isUnderWay('a')).toBe(false)
  // The end of one that was begun before there was a ledger.
  ledger.end('a')
  expect(ledger.isUnderWay('a')).toBe(false)
})

test('names those that wait for an older one, and forgets what is settled', () => {
  const ledger = new EntityLedger()
  ledger.wait('a', row(1))
  ledger.wait('a', row(2, '1', heldDueMs))
  expect([...ledger.held()].map(({ position }) => position)).toEqual([2])
  ledger.forget('a', 2)
  ledger.forget('a', 1)
  expect([...ledger.entities()]).toEqual([])
})

test('is filled with everything that waits in the store, however many pages that is', async () => {
  const store = makeMemoryDeliveryStore()
  const rows = Array.from({ length: 1_200 }, (_, index) => row(index + 1, String(index % 3), index % 2 ? heldDueMs : 5))
  await store.settle({ ...nothingSettled, waiting: [...rows, { ...row(9_999), subscription: 2 }] }, soleLease)
  const ledger = new EntityLedger()
  await loadLedger(store, 1, ledger)
  for (const entityKey of ['0', '1', '2']) {
    const expected = rows.filter((each) => each.entityKey === entityKey)
    const found = ledger.waitingOf(entityOf(eventAt(1, entityKey)))
    expect(found.map(({ position, dueAtMs }) => [position, dueAtMs])).toEqual(
      expected.map(({ position, dueAtMs }) => [position, dueAtMs]),
    )
  }
})
