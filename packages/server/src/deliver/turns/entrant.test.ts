import { expect, test } from 'vitest'
import type { Standing } from '../../core/delivery/standing.ts'
import { Entrant } from './entrant.ts'
import { type EntrantState, entrantWith, SampleContender } from './fixtures/entrant.ts'

test.each<[Standing, EntrantState]>([
  ['unknown', {}],
  ['proven', { hasSucceeded: true }],
  ['suspect', { hasSucceeded: true, breaker: { state: 'closed', failures: 1 } }],
  ['suspect', { hasSucceeded: true, breaker: { state: 'open', untilMs: 9, pauseMs: 9 } }],
  ['suspect', { hasSucceeded: true, breaker: { state: 'half-open', pauseMs: 9 } }],
  ['suspect', { failingSince: '2026-01-01T00:00:00Z' }],
])('is %s by %j', (standing, state) => {
  expect(entrantWith(state).standing).toBe(standing)
})

test('a new limit of its subscription starts its allowance over', () => {
  const contender = new SampleContender({ concurrency: 8 })
  const entrant = new Entrant(contender)
  entrant.allowance = { allowed: 8, limit: 8 }
  contender.subscription = { ...contender.subscription, concurrency: 4 }
  expect(entrant.allowance).toEqual({ allowed: 2, limit: 4 })
})

test('a rate lets a tenth of a second through at once, and then one after the other; a new rate starts over', () => {
  const contender = new SampleContender({ ratePerSecond: 30 })
  const entrant = new Entrant(contender)
  expect([1, 2, 3].map(() => entrant.takeRateToken(0))).toEqual([0, 0, 0])
  expect(entrant.takeRateToken(0)).toBe(34)
  expect(entrant.takeRateToken(34)).toBe(0)
  contender.subscription = { ...contender.subscription, ratePerSecond: 5 }
  expect(entrant.takeRateToken(34)).toBe(0)
  expect(entrant.takeRateToken(34)).toBe(200)
  contender.subscription = { ...contender.subscription, ratePerSecond: null }
  expect(entrant.takeRateToken(34)).toBe(0)
})
