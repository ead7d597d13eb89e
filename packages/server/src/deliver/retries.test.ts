import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { AppError } from '../core/errors.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { answered, openWebhooks } from '../follow/fixtures/webhooks.ts'
import { nothingSettled } from './settling/settling-store.ts'

test('rows of a subscription that is not known here hold back nobody, and are left alone', async () => {
  const { answerWith, append, clock, log, positionsOf, set, store, webhooks } = await openWebhooks()
  const orphans = Array.from({ length: 600 }, (_, index) => ({
    ...{ subscription: 9, partition: 0, position: index + 1, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{ entityKey: 'e', sequence: index + 1, attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0 },
  }))
  await store.settle({ ...nothingSettled, waiting: orphans }, soleLease)
  set(1)
  webhooks.start()
  answerWith(async () => answered(500))
  await append('a')
  await clock.advance(1_000)
  answerWith(async () => answered(200))
  await clock.advance(60_000)
  expect(positionsOf(1)).toEqual([log.bounds(0).latest, log.bounds(0).latest])
  expect(await store.count()).toEqual({ waiting: 600, failed: 0, superseded: 0 })
  set(9)
  await clock.advance(1_000)
  expect(positionsOf(9)).not.toEqual([])
  await webhooks.stop()
})

test('a delivery whose event cannot be read from the log is taken again at a later look', async () => {
  const { answerWith, append, clock, failures, log, positionsOf, set, webhooks } = await openWebhooks()
  set(1)
  webhooks.start()
  answerWith(async () => answered(500))
  await append('a')
  await clock.advance(1_000)
  const readAt = log.readAt.bind(log)
  log.readAt = async () => {
    throw new AppError('storage_unavailable', 'the disk cannot be read')
  }
  answerWith(async () => answered(200))
  await clock.advance(30_000)
  expect(positionsOf(1)).toHaveLength(1)
  expect(failures.length).toBeGreaterThan(0)
  log.readAt = readAt
  await clock.advance(60_000)
  expect(positionsOf(1)).toEqual([log.bounds(0).latest, log.bounds(0).latest])
  await webhooks.stop()
})

test('due rows of one look are read with one call, and a damaged part of the log holds back no other', async () => {
  const { answerWith, append, clock, failures, log, positionsOf, set, webhooks } = await openWebhooks()
  set(1, { concurrency: 50 })
  webhooks.start()
  answerWith(async () => answered(500))
  await append(...Array.from({ length: 4 }, (_, index) => `event-${index}`))
  await clock.advance(1_000)
  answerWith(async () => answered(200))
  const readAt = log.readAt.bind(log)
  const asked: (readonly number[])[] = []
  log.readAt = async (partition, positions) => {
    asked.push(positions)
    if (positions.includes(2)) throw new AppError('storage_unavailable', 'the log is damaged')
    return readAt(partition, positions)
  }
  await clock.advance(12_000)
  expect(asked[0]).toHaveLength(4)
  expect(failures[0]).toMatchObject({ code: 'storage_unavailable' })
  const received = positionsOf(1)
  expect(received.filter((position) => position !== 2).sort()).toEqual([1, 1, 3, 3, 4, 4])
  expect(received.filter((position) => position === 2)).toHaveLength(1)
  log.readAt = readAt
  await clock.advance(60_000)
  expect(positionsOf(1).filter((position) => position === 2)).toHaveLength(2)
  await webhooks.stop()
})

const dayMs = 86_400_000

test.each([
  ['while it is being written', 10],
  ['between two looks', 200],
])(
  'what began to wait by a clock that was fast is not held back when the clock is set back %s',
  async (_when, afterMs) => {
    const { answerWith, append, clock, log, positionsOf, set, webhooks } = await openWebhooks()
    set(1)
    webhooks.start()
    answerWith(async () => {
      clock.setBack(-15 * dayMs)
      return answered(500)
    })
    await append('a')
    await clock.advance(afterMs)
    expect(positionsOf(1)).toHaveLength(1)
    clock.setBack(15 * dayMs)
    answerWith(async () => answered(200))
    await clock.advance(60_000)
    expect(positionsOf(1)).toEqual([log.bounds(0).latest, log.bounds(0).latest])
    await webhooks.stop()
  },
)

const dueRows = (subscription: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ subscription, partition: 0, position: index + 1, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{ entityKey: 'e', sequence: index + 1, attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0 },
  }))

/** So many due rows that all claims are taken. */
async function openWithClaims() {
  const world = await openWebhooks()
  const { clock, log, set, store } = world
  await log.append(Array.from({ length: 140 }, (_, index) => newEvent({ id: `event-${index}`, entityKey: 'e' })))
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1)
  for (const number of [...numbers, 99]) set(number)
  await clock.advance(0)
  const waiting = numbers.flatMap((number) => dueRows(number, 140))
  await store.settle({ ...nothingSettled, waiting: [...waiting, { ...dueRows(99, 1)[0]!, dueAtMs: 1 }] }, soleLease)
  return { ...world, numbers }
}

test('a subscription that is deleted while its retries are queued takes no room from those of others', async () => {
  const { answerWith, clock, numbers, positionsOf, remove, webhooks } = await openWithClaims()
  const { promise, resolve } = Promise.withResolvers<void>()
  answerWith(async () => {
    await promise
    return answered(200)
  })
  webhooks.start()
  await clock.advance(10_000)
  expect(positionsOf(99)).toEqual([])
  for (const number of numbers) remove(number)
  resolve()
  await clock.advance(60_000)
  expect(positionsOf(99)).toEqual([1])
  await webhooks.stop()
})

test('what waits for a subscription whose place takes long to read is sent once it is known', async () => {
  const { append, clock, positionsOf, refuse, set, store, webhooks } = await openWebhooks()
  await append('a')
  await store.settle({ ...nothingSettled, waiting: dueRows(9, 1) }, soleLease)
  webhooks.start()
  await clock.advance(1_000)
  refuse('place')
  set(9)
  await clock.advance(500)
  refuse()
  await clock.advance(60_000)
  expect(positionsOf(9)).toEqual([1])
  await webhooks.stop()
})
