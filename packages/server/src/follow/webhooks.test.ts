import { expect, test } from 'vitest'
import { standardDialect } from '../dialects/standard/dialect.ts'
import { everything, openWebhooks } from './fixtures/webhooks.ts'

test('a grant that goes while the entity is fetched holds: nothing is sent', async () => {
  let isGranted = true
  const fetching = Promise.withResolvers<void>()
  const entity = Promise.withResolvers<string>()
  const { append, clock, positionsOf, set, store, webhooks } = await openWebhooks({
    dialectOf: () => ({ ...standardDialect, carriesEntity: true }),
    entityOf: () => {
      fetching.resolve()
      return entity.promise
    },
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
    dialectOf: () => ({ ...standardDialect, carriesEntity: true }),
    entityOf: ({ entityKey }) => {
      if (entityKey === 'quick') return Promise.resolve('{"id":1}')
      fetching.resolve()
      return entity.promise
    },
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
