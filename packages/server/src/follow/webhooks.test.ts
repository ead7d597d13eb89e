import { expect, test } from 'vitest'
import { soleLease } from '../core/delivery/lease.ts'
import { ManualClock } from '../core/time/clock.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { standardDialect } from '../dialects/standard/dialect.ts'
import { newEvent } from '../engines/conformance/events.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import { LaggingLog } from '../log/fixtures/lagging-log.ts'
import { contentsOf, everything, openWebhooks } from './fixtures/webhooks.ts'

const carrying = { ...standardDialect.webhook, carriesEntity: true }

test('a grant that goes while the entity is fetched holds: nothing is sent', async () => {
  let isGranted = true
  const fetching = Promise.withResolvers<void>()
  const entity = Promise.withResolvers<string>()
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks({
    contents: contentsOf(7, carrying, () => {
      fetching.resolve()
      return entity.promise
    }),
    grants: { ...everything, direct: () => (isGranted ? { allows: () => true } : undefined) },
  })
  set(1)
  webhooks.start()
  await append('a')
  await clock.advance(100)
  await fetching.promise
  isGranted = false
  entity.resolve('{"id":1}')
  await clock.advance(60_000)
  expect(positionsOf(1)).toEqual([])
  expect(await store.count()).toEqual({ waiting: 0, failed: 0, superseded: 0 })
  await webhooks.stop()
})

test('a grant that goes while another entity of the batch is fetched holds for all of it', async () => {
  let isGranted = true
  const fetching = Promise.withResolvers<void>()
  const entity = Promise.withResolvers<string>()
  const { append, clock, positionsOf, set, webhooks } = await openWebhooks({
    contents: contentsOf(7, carrying, ({ entityKey }) => {
      if (entityKey === 'quick') return Promise.resolve('{"id":1}')
      fetching.resolve()
      return entity.promise
    }),
    grants: {
      ...everything,
      direct: () => (isGranted ? { allows: () => true } : undefined),
    },
  })
  set(1, { batch: { maxEvents: 2, maxWaitMs: 1_000 } })
  await append('quick', 'slow')
  webhooks.start()
  await clock.advance(100)
  await fetching.promise
  isGranted = false
  entity.resolve('{"id":2}')
  await clock.advance(60_000)
  expect(positionsOf(1)).toEqual([])
  await webhooks.stop()
})

test('how far the log goes is known at the opening, and when a catch-up is cancelled, by whoever appended', async () => {
  const whole = new MemoryLog({ clock: new ManualClock(), epoch: 7 })
  const log = new LaggingLog(whole)
  await whole.append([newEvent({ id: 'a' })])
  const { set, webhooks } = await openWebhooks({ log })
  expect(log.bounds(0).latest).toBe(1)
  await webhooks.readership.place(1, { mode: 'own', position: 0, reason: 'start', isPartial: false, skips: null })
  set(1)
  await webhooks.readership.pauseCatchUp(1)
  await whole.append([newEvent({ id: 'b' })])
  await webhooks.readership.cancelCatchUp(1)
  expect(webhooks.readership.reading(1)).toMatchObject({ readTo: 2, catchUp: null })
  await webhooks.stop()
})

test('of a share that another node owns nothing is read, sent or cleared', async () => {
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks({
    lease: { ...soleLease, shares: new Set([2]) },
  })
  const theirs = {
    ...{ subscription: 1, partition: 0, position: 1, topic: 'invoices', type: 'invoice.updated', tenantId: 1 },
    ...{ entityKey: 'e', sequence: 1, attempts: 1, firstAttemptAtMs: 0, dueAtMs: 0 },
  }
  await store.settle({ ...nothingSettled, waiting: [theirs] }, soleLease)
  set(1)
  set(2)
  webhooks.start()
  await append('a')
  await clock.advance(60_000)
  expect(positionsOf(1)).toEqual([])
  expect(positionsOf(2)).toEqual([1])
  expect(await store.count(1)).toMatchObject({ waiting: 1 })
  await webhooks.stop()
})
