import { expect, test } from 'vitest'
import { newEvent } from '../../engines/conformance/events.ts'
import { answered, openWebhooks } from '../../follow/fixtures/webhooks.ts'

test('while its waiting deliveries cannot be read, an ordered subscription is sent nothing newer', async () => {
  const { answerWith, clock, failures, log, positionsOf, refuse, set, webhooks } = await openWebhooks()
  answerWith(async () => answered(500))
  set(1)
  webhooks.start()
  await log.append([newEvent({ id: 'first' })])
  await clock.advance(1_000)
  expect(positionsOf(1)).toEqual([1])
  answerWith(async () => answered(200))
  refuse('list')
  set(1, { ordering: 'entity' })
  await log.append([newEvent({ id: 'second' })])
  await clock.advance(20_000)
  expect(positionsOf(1)).toEqual([1])
  expect(failures).not.toEqual([])
  refuse()
  await clock.advance(600_000)
  expect(positionsOf(1)).toEqual([1, 1, 2])
  await webhooks.stop()
})
