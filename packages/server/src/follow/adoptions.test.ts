import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { everyShare } from '../core/delivery/shares.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { openWebhooks } from './fixtures/webhooks.ts'

const place = { subscription: 1, partition: 0, sequence: 0, catchUp: null, skipped: [] } as const

test('a subscription that another node made begins where that put it, whatever was read meanwhile', async () => {
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks()
  set(2)
  webhooks.start()
  await append('a', 'b')
  await store.place({ ...place, mode: 'shared', position: 1 })
  await clock.advance(1_000)
  expect(positionsOf(2)).toEqual([1, 2])
  set(1)
  await append('c')
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([2, 3])
  await webhooks.stop()
})

test('one without a place begins now, and that is durable', async () => {
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks()
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  set(1)
  await append('b')
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([2])
  expect((await store.load(everyShare)).progress).toMatchObject([{ subscription: 1, position: 1 }])
  await webhooks.stop()
})

test('a place that cannot be read is asked for again; what is appended meanwhile is sent', async () => {
  const { append, clock, failures, positionsOf, refuse, set, webhooks } = await openWebhooks()
  webhooks.start()
  refuse('place')
  set(1)
  await append('a')
  await clock.advance(5_000)
  expect(positionsOf(1)).toEqual([])
  expect(failures.length).toBeGreaterThan(0)
  refuse()
  await clock.advance(5_000)
  expect(positionsOf(1)).toEqual([1])
  await webhooks.stop()
})

test('it is adopted as it is by then, or not at all when it was deleted', async () => {
  const { append, clock, positionsOf, refuse, remove, set, store, webhooks } = await openWebhooks()
  webhooks.start()
  refuse('place')
  set(1)
  set(2)
  await clock.advance(0)
  set(1, { status: 'disabled' })
  remove(2)
  refuse()
  await clock.advance(5_000)
  await append('a')
  await clock.advance(5_000)
  expect(positionsOf(1)).toEqual([])
  expect(positionsOf(2)).toEqual([])
  expect(webhooks.readership.reading(1)).toBeDefined()
  expect(webhooks.readership.reading(2)).toBeUndefined()
  expect(await store.count()).toEqual({ waiting: 0, failed: 0, superseded: 0 })
  await webhooks.stop()
})

test('what belongs to a subscription that is not known here is still there after a start', async () => {
  const { store } = await openWebhooks()
  const row = {
    ...{ subscription: 1, partition: 0, position: 1, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{ entityKey: 'e', sequence: 1, attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0 },
  }
  await store.place({ ...place, mode: 'shared', position: 1 })
  await store.settle({ ...nothingSettled, waiting: [row] }, soleLease)
  const { clock, webhooks } = await openWebhooks({ settling: store, due: store, history: store })
  webhooks.start()
  await clock.advance(60_000)
  expect((await store.load(everyShare)).progress).toHaveLength(1)
  expect(await store.count(1)).toMatchObject({ waiting: 1 })
  await webhooks.stop()
})

test('no place is inserted for one that was deleted meanwhile', async () => {
  const { clock, refuse, remove, set, store, webhooks } = await openWebhooks()
  webhooks.start()
  refuse('place')
  set(1)
  await clock.advance(0)
  remove(1)
  refuse()
  await clock.advance(60_000)
  expect((await store.load(everyShare)).progress).toEqual([])
  await webhooks.stop()
})
