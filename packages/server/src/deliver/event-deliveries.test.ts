import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { everyDelivery } from './delivery-search.ts'
import { eventDeliveries } from './event-deliveries.ts'
import { nothingSettled } from './settling/settling-store.ts'

const place = { partition: 0, position: 7 }

/** These subscriptions have a failed delivery of the event at `place`. */
async function storeOf(subscriptions: readonly number[]) {
  const store = makeMemoryDeliveryStore()
  const row = {
    ...{ ...place, topic: 'invoices', type: 'invoice.updated', tenantId: 1, entityKey: '7', sequence: 1 },
    ...{ attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0, status: 'failed' as const },
  }
  const ended = subscriptions.map((subscription) => ({ ...row, subscription }))
  await store.settle({ ...nothingSettled, ended: [...ended, { ...row, subscription: 1, position: 8 }] }, soleLease)
  return store
}

async function pages(store: Awaited<ReturnType<typeof storeOf>>, numbers: readonly number[], limit: number) {
  const found: number[][] = []
  let cursor: string | null = null
  do {
    const page = await eventDeliveries(store, everyDelivery(numbers), place, { limit, cursor })
    found.push(page.rows.map(({ subscription }) => subscription))
    cursor = page.next
  } while (cursor !== null)
  return found
}

test('pages through the subscriptions that have a delivery of the event', async () => {
  const store = await storeOf([2, 3, 5, 8, 60, 130])
  const numbers = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect((await pages(store, numbers, 4)).flat()).toEqual([2, 3, 5, 8, 60, 130])
  expect(await pages(store, numbers, 100)).toEqual([[2, 3, 5, 8, 60, 130]])
  expect(await pages(store, [1, 4], 100)).toEqual([[]])
})

test('asks a bounded number of subscriptions for a page: a rare one comes with a later page', async () => {
  const store = await storeOf([2_500])
  const numbers = Array.from({ length: 3_000 }, (_, index) => index + 1)
  let asked = 0
  const counting: Pick<typeof store, 'find'> = {
    find(key) {
      asked += 1
      return store.find(key)
    },
  }
  const first = await eventDeliveries(counting, everyDelivery(numbers), place, { limit: 10, cursor: null })
  expect([first.rows, typeof first.next, asked]).toEqual([[], 'string', 1_000])
  expect(await pages(store, numbers, 10)).toEqual([[], [], [2_500]])
})

test('keeps to what is asked for beside the event', async () => {
  const store = await storeOf([1, 2])
  const asked = (more: object) =>
    eventDeliveries(store, { ...everyDelivery([1, 2]), ...more }, place, { limit: 10, cursor: null })
  expect((await asked({ statuses: new Set(['failed']) })).rows).toHaveLength(2)
  expect((await asked({ statuses: new Set(['delivered']) })).rows).toEqual([])
  expect((await asked({ entityKey: '8' })).rows).toEqual([])
  await expect(eventDeliveries(store, everyDelivery([1]), place, { limit: 1, cursor: 'x' })).rejects.toMatchObject({
    code: 'invalid_request',
  })
})
