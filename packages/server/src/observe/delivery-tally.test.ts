import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { DeliveryTally } from './delivery-tally.ts'

async function lines(counts: DeliveryTally): Promise<string[]> {
  const registry = new Registry()
  counts.register(registry)
  const text = await registry.metrics()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

test('every attempt is counted by dialect, and by subscription up to the cap', async () => {
  const counts = new DeliveryTally(2)
  counts.add({ id: 'sub_1', dialect: 'standard' }, 'delivered')
  counts.add({ id: 'sub_1', dialect: 'standard' }, 'delivered')
  counts.add({ id: 'sub_1', dialect: 'standard' }, 'waiting')
  counts.add({ id: 'sub_2', dialect: 'tripletex' }, 'failed')
  counts.add({ id: 'sub_3', dialect: 'tripletex' }, 'delivered')
  counts.add({ id: 'sub_4', dialect: 'tripletex' }, 'delivered')
  const expected = [
    'tidings_delivery_attempts_total{dialect="standard",outcome="delivered"} 2',
    'tidings_delivery_attempts_total{dialect="standard",outcome="waiting"} 1',
    'tidings_delivery_attempts_total{dialect="tripletex",outcome="failed"} 1',
    'tidings_delivery_attempts_total{dialect="tripletex",outcome="delivered"} 2',
    'tidings_subscription_attempts_total{subscription="sub_1",outcome="delivered"} 2',
    'tidings_subscription_attempts_total{subscription="sub_1",outcome="waiting"} 1',
    'tidings_subscription_attempts_total{subscription="sub_2",outcome="failed"} 1',
    'tidings_subscription_attempts_total{subscription="other",outcome="delivered"} 2',
  ]
  expect(await lines(counts)).toEqual(expected)
  // Reading changes nothing.
  expect(await lines(counts)).toEqual(expected)
})

test('a deleted subscription makes room, and the sum over all never falls', async () => {
  const counts = new DeliveryTally(1)
  counts.add({ id: 'sub_1', dialect: 'standard' }, 'delivered')
  counts.forget('sub_1')
  counts.add({ id: 'sub_2', dialect: 'standard' }, 'delivered')
  counts.add({ id: 'sub_3', dialect: 'standard' }, 'delivered')
  expect(await lines(counts)).toEqual([
    'tidings_delivery_attempts_total{dialect="standard",outcome="delivered"} 3',
    'tidings_subscription_attempts_total{subscription="sub_2",outcome="delivered"} 1',
    'tidings_subscription_attempts_total{subscription="other",outcome="delivered"} 2',
  ])
})

test('with a cap of 0 no subscription has a label of its own', async () => {
  const counts = new DeliveryTally(0)
  counts.add({ id: 'sub_1', dialect: 'standard' }, 'delivered')
  expect(await lines(counts)).toContain(
    'tidings_subscription_attempts_total{subscription="other",outcome="delivered"} 1',
  )
})
