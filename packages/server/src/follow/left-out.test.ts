import { expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { historyOf } from './fixtures/history.ts'
import { noHistory, openWebhooks } from './fixtures/webhooks.ts'

const recordOf = (some = {}) => sampleSubscription('standard', { id: 'sub_1', number: 1, ...some })

test('what a cancelled catch-up left out is told, newest first; nothing of one that is not read for', async () => {
  const { append, clock, set, webhooks, whilePassing } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  for (const ids of [
    ['b', 'c'],
    ['d', 'e', 'f'],
  ]) {
    await whilePassing(webhooks.readership.pauseCatchUp(1))
    await append(...ids)
    await clock.advance(1_000)
    await whilePassing(webhooks.readership.cancelCatchUp(1))
  }
  expect(await whilePassing(webhooks.leftOut.missed(recordOf()))).toMatchObject([
    { after: 3, to: 6, reason: 'catch_up_cancelled', events: 3 },
    { after: 1, to: 3, reason: 'catch_up_cancelled', events: 2 },
  ])
  expect(await webhooks.leftOut.missed(recordOf({ number: 2 }))).toEqual([])
  await webhooks.stop()
})

test('what retention takes while nobody reads for it is told before it goes on', async () => {
  const { append, clock, log, set, webhooks, whilePassing } = await openWebhooks()
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(1_000)
  await whilePassing(webhooks.readership.pauseCatchUp(1))
  await append('b', 'c')
  await clock.advance(10_000)
  await log.dropBefore(clock.now())
  await append('d')
  expect(await whilePassing(webhooks.leftOut.missed(recordOf()))).toMatchObject([
    { after: 1, to: 3, reason: 'retention', events: 0, dropped: 2 },
  ])
  await webhooks.stop()
})

test('a rewind of some topics hides nothing that the others missed', async () => {
  const { append, clock, set, webhooks, whilePassing } = await openWebhooks()
  set(1)
  webhooks.start()
  await clock.advance(0)
  await whilePassing(webhooks.readership.pauseCatchUp(1))
  await append('a')
  await whilePassing(webhooks.readership.cancelCatchUp(1))
  set(1, { topicFloors: { invoices: 9 } })
  await clock.advance(1_000)
  expect(await whilePassing(webhooks.leftOut.missed(recordOf({ topicFloors: { invoices: 9 } })))).toMatchObject([
    { after: 0, to: 1, events: 1 },
  ])
  await webhooks.stop()
})

test('what was read while no grant stood is told as not granted, and not as missed', async () => {
  const history = historyOf([{ tenantId: 29_302, fromMs: 0, endMs: 1 }])
  const world = await openWebhooks({ histories: { historyOf: () => history }, grants: history.at(2) })
  const { append, clock, set, webhooks, whilePassing, positionsOf } = world
  set(1, { createdAt: '2025-01-01T00:00:00Z' })
  webhooks.start()
  await append('a', 'b')
  await clock.advance(1_000)
  const record = recordOf({ createdAt: '2025-01-01T00:00:00Z' })
  const { leftOut } = webhooks
  expect(await whilePassing(leftOut.notGranted(record, 100, 'operator'))).toMatchObject({
    events: 2,
    tenants: [{ tenantId: 29_302, events: 2 }],
  })
  expect(await whilePassing(leftOut.notGranted(record, 100, 'integrator'))).toBeNull()
  expect(await whilePassing(leftOut.notGrantedAfter(record, 1, 100))).toMatchObject({ events: 1 })
  expect([positionsOf(1), await whilePassing(leftOut.missed(record))]).toEqual([[], []])
  await webhooks.stop()
})

test('where no grant has ended, nothing is asked', async () => {
  const { append, log, set, webhooks } = await openWebhooks({ histories: noHistory })
  set(1)
  await append('a')
  log.positionBefore = () => Promise.reject(new Error('asked'))
  expect(await webhooks.leftOut.notGranted(recordOf(), 100, 'operator')).toBeNull()
  expect(await webhooks.leftOut.notGranted(recordOf({ number: 2 }), 100, 'operator')).toBeNull()
  await webhooks.stop()
})
