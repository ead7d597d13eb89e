import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { overdueMs } from './overdue.ts'
import { nothingSettled } from './settling/settling-store.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')

/** A delivery of each subscription waits since so many milliseconds before now. */
async function overdue(waits: Readonly<Record<number, number>>, failing: number[] = [], disabled: number[] = []) {
  const store = makeMemoryDeliveryStore()
  const waiting = Object.entries(waits).map(([number, ms]) => ({
    ...{ subscription: Number(number), partition: 0, position: 1, topic: 'invoices', type: 'invoice.updated' },
    ...{ tenantId: 1, entityKey: '1', sequence: 1, attempts: 1, firstAttemptAtMs: nowMs - ms, dueAtMs: nowMs - ms },
  }))
  await store.settle({ ...nothingSettled, waiting }, soleLease)
  const subscriptions = Object.keys(waits).map((number) =>
    sampleSubscription('standard', {
      number: Number(number),
      failingSince: failing.includes(Number(number)) ? '2025-12-31T00:00:00Z' : null,
      status: disabled.includes(Number(number)) ? 'disabled' : 'active',
    }),
  )
  return overdueMs(store, subscriptions, nowMs)
}

test('it is the oldest that counts, and one whose time has not come is not late', async () => {
  expect(await overdue({ 1: 500, 2: 900 })).toBe(900)
  expect(await overdue({ 1: -500 })).toBe(0)
  expect(await overdue({})).toBe(0)
})

test('those of a subscription that fails or is disabled wait with good reason', async () => {
  expect(await overdue({ 1: 500, 2: 900, 3: 800 }, [2], [3])).toBe(500)
})
