import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { everyShare } from '../core/delivery/shares.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { attemptRow, waitingRow } from '../engines/conformance/delivery-rows.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { StoredPlaces } from './stored-places.ts'

function placeOf(subscription: number, some: Partial<SubscriptionProgress> = {}): SubscriptionProgress {
  return {
    ...{ subscription, partition: 0, mode: 'shared', position: 0, sequence: 0, catchUp: null, skipped: [] },
    ...some,
  } as const
}
const subscribing = (number: number, some: Partial<Subscription> = {}) =>
  sampleSubscription('standard', { id: `sub_${number}`, number, ...some })

async function loaded(
  places: readonly SubscriptionProgress[],
  subscriptions: readonly Subscription[],
  settled: Partial<typeof nothingSettled> = {},
  shares = everyShare,
) {
  const store = makeMemoryDeliveryStore()
  for (const place of places) await store.place(place)
  await store.settle({ ...nothingSettled, watermarks: [{ partition: 0, position: 10 }], ...settled }, soleLease)
  return StoredPlaces.load({ settling: store, due: store, shares }, 0, subscriptions)
}

test('tells where the run before was, once: then it is the caller’s', async () => {
  const places = await loaded([placeOf(1, { position: 4, sequence: 3 })], [subscribing(1)])
  expect(places.watermark).toBe(10)
  expect(places.get(1)).toMatchObject({ position: 4, sequence: 3 })
  expect(places.take(1)).toMatchObject({ row: { position: 4 }, wasRead: true, known: [] })
  expect(places.get(1)).toBeUndefined()
})

test('no run before has read for one that was made in this run', async () => {
  const places = await loaded([placeOf(1)], [subscribing(1)])
  places.set(placeOf(1, { position: 6 }))
  places.set(placeOf(2, { position: 7 }))
  expect(places.take(1)).toMatchObject({ row: { position: 6 }, wasRead: true })
  expect(places.take(2)).toMatchObject({ row: { position: 7 }, wasRead: false })
})

test('places of subscriptions that are not known here are named, and left alone', async () => {
  const places = await loaded([placeOf(1), placeOf(2), placeOf(3, { partition: 1 })], [subscribing(1)])
  expect(places.strangers).toEqual([2])
  expect(places.get(2)).toBeUndefined()
})

test('what waits for a retry or was delivered after the place needs no first attempt', async () => {
  const places = await loaded(
    [placeOf(1), placeOf(2, { mode: 'own', position: 3 }), placeOf(3)],
    [subscribing(1), subscribing(2), subscribing(3)],
    {
      waiting: [waitingRow(1, 12), waitingRow(1, 9), waitingRow(2, 5), waitingRow(4, 12)],
      attempts: [attemptRow(1, 14), attemptRow(1, 8), attemptRow(2, 4), attemptRow(2, 3)],
    },
  )
  const known = (number: number) => [...places.take(number).known].sort((a, b) => a - b)
  // Nothing is lost by a position too many: it stands before the place.
  expect(known(1)).toEqual([9, 12, 14])
  expect(known(2)).toEqual([4, 5])
  expect(known(3)).toEqual([])
})

test('a replay sends again what was delivered before it was asked for', async () => {
  const at = Date.parse('2026-03-01T00:00:00Z')
  const attempts = [attemptRow(1, 5, { atMs: at - 1 }), attemptRow(1, 6, { atMs: at + 1 })]
  const replayed = subscribing(1, { replayedAt: '2026-03-01T00:00:00Z' })
  const own = await loaded([placeOf(1, { mode: 'own', position: 3 })], [replayed], { attempts })
  expect([...own.take(1).known]).toEqual([6])
  const shared = await loaded([placeOf(1, { position: 3 })], [replayed], { attempts, watermarks: [] })
  expect([...shared.take(1).known]).toEqual([5, 6])
})

test('an owner of some shares is told of its own alone', async () => {
  const places = await loaded([placeOf(1), placeOf(2)], [subscribing(1), subscribing(2)], {}, new Set([1]))
  expect([places.get(1)?.subscription, places.get(2), places.strangers]).toEqual([1, undefined, []])
})
