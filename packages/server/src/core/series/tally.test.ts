import { expect, test } from 'vitest'
import { attemptRow } from '../../engines/conformance/delivery-rows.ts'
import { scopesOf } from './scope.ts'
import { countsOf, minuteMs, Tallies } from './tally.ts'

const scopes = scopesOf({ number: 7, integrationId: 'int_1', dialect: 'standard' })

test('an attempt counts for all, its dialect, its integration and its subscription', () => {
  const tallies = new Tallies()
  tallies.add(scopes, 3 * minuteMs + 1, { delivered: 1 })
  tallies.add(scopes, 4 * minuteMs - 1, { delivered: 1 })
  tallies.add(['all'], 4 * minuteMs, { waiting: 1 })
  expect(tallies.take()).toEqual([
    { scope: 'all', minute: 3, counts: { delivered: 2 } },
    { scope: 'dialect standard', minute: 3, counts: { delivered: 2 } },
    { scope: 'integration int_1', minute: 3, counts: { delivered: 2 } },
    { scope: 'subscription 7', minute: 3, counts: { delivered: 2 } },
    { scope: 'all', minute: 4, counts: { waiting: 1 } },
  ])
  expect(tallies.take()).toEqual([])
})

test('what could not be written is counted with what came meanwhile', () => {
  const tallies = new Tallies()
  tallies.add(['all'], 0, { failed: 1 })
  const taken = tallies.take()
  tallies.add(['all'], 1, { failed: 1, 'error gone': 1 })
  tallies.giveBack(taken)
  expect(tallies.take()).toEqual([{ scope: 'all', minute: 0, counts: { failed: 2, 'error gone': 1 } }])
})

test('an attempt counts by what its delivery became, its error, and its latency where that is known', () => {
  const record = attemptRow(1, 1)
  expect(countsOf({ ...record, outcome: 'delivered', error: null }, 8)).toEqual({ delivered: 1, 'latency 13': 1 })
  expect(countsOf({ ...record, outcome: 'waiting', error: 'http_500' }, null)).toEqual({
    ...{ waiting: 1, 'error http_500': 1 },
  })
})
