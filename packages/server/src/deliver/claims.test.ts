import { expect, test } from 'vitest'
import { Claims } from './claims.ts'

const of = (subscription: number, position: number) => ({ subscription, partition: 0, position })

test('names what is claimed, until it ends', () => {
  const claims = new Claims()
  for (const position of [1, 2]) claims.add(of(1, position))
  claims.end(of(1, 1))
  claims.end(of(7, 1))
  expect([claims.has(of(1, 1)), claims.has(of(1, 2))]).toEqual([false, true])
  expect([...claims.keys]).toEqual(['1 0 2'])
})

test('forgets what a subscription had, and nothing else', () => {
  const claims = new Claims()
  for (const subscription of [1, 12]) for (const position of [1, 2]) claims.add(of(subscription, position))
  claims.forget(1)
  claims.forget(3)
  expect([...claims.keys]).toEqual(['12 0 1', '12 0 2'])
})
