import { expect, test } from 'vitest'
import { noTiming } from '../../core/delivery/attempt-timing.ts'
import { soleLease } from '../../core/delivery/lease.ts'
import { makeMemoryDeliveryStore } from '../../engines/memory/delivery-store.ts'
import { nothingSettled } from '../settling/settling-store.ts'
import { LastAttempts } from './last-attempts.ts'

const startMs = Date.parse('2026-01-01T00:00:00Z')
type Outcome = 'delivered' | 'failed' | 'waiting'

/** A delivery whose only attempt was made so many seconds after the start. */
async function storeOf(...deliveries: [position: number, second: number, outcome: Outcome, subscription?: number][]) {
  const store = makeMemoryDeliveryStore()
  const rows = deliveries.map(([position, second, outcome, subscription = 1]) => ({
    ...{ subscription, partition: 0, position, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{ entityKey: '1', sequence: position, attempts: 1, firstAttemptAtMs: startMs, outcome },
    // The one that was attempted last falls due first.
    ...{ atMs: startMs + second * 1_000, dueAtMs: startMs + 3_600_000 - second * 1_000 },
  }))
  const settlement = {
    ...nothingSettled,
    waiting: rows.filter(({ outcome }) => outcome === 'waiting'),
    ended: rows.filter(({ outcome }) => outcome === 'failed').map((row) => ({ ...row, status: 'failed' as const })),
    attempts: rows.map((row) => ({
      ...row,
      attempt: 1,
      durationMs: 1,
      timing: noTiming,
      answerHeaders: null,
      status: 200,
      error: null,
      body: null,
    })),
  }
  await store.settle(settlement, soleLease)
  return store
}
const lastSecond = async (...deliveries: Parameters<typeof storeOf>) => {
  const store = await storeOf(...deliveries)
  const last = await new LastAttempts(store, { flush: async () => {} }).lastAttempt({ number: 1 })
  return last && (last.atMs - startMs) / 1_000
}

test.each<[string, Parameters<typeof storeOf>, number | null]>([
  ['without attempts there is none', [], null],
  [
    'of ended ones the newest',
    [
      [1, 5, 'delivered'],
      [2, 9, 'failed'],
    ],
    9,
  ],
  [
    'of those that wait, by their attempt and not by when they fall due',
    [
      [1, 5, 'waiting'],
      [2, 9, 'waiting'],
      [3, 7, 'waiting'],
    ],
    9,
  ],
  [
    'one that waits may be newer than one that ended',
    [
      [1, 5, 'delivered'],
      [2, 9, 'waiting'],
    ],
    9,
  ],
  [
    'one that ended may be newer than one that waits',
    [
      [1, 9, 'delivered'],
      [2, 5, 'waiting'],
    ],
    9,
  ],
  [
    'another subscription’s do not count',
    [
      [1, 5, 'delivered'],
      [2, 9, 'delivered', 2],
    ],
    5,
  ],
])('%s', async (_, deliveries, second) => {
  expect(await lastSecond(...deliveries)).toBe(second)
})

test('what was settled a moment ago counts', async () => {
  let store = await storeOf()
  const attempts = new LastAttempts(
    { list: (query) => store.list(query) },
    {
      async flush() {
        store = await storeOf([1, 5, 'delivered'])
      },
    },
  )
  expect(await attempts.lastAttempt({ number: 1 })).toMatchObject({ atMs: startMs + 5_000 })
})
