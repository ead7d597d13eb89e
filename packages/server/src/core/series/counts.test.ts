import { expect, test } from 'vitest'
import { addCounts, attemptsIn, latenciesIn, type SeriesCounts } from './counts.ts'

test('counts add up, name by name', () => {
  const counts: SeriesCounts = { delivered: 2, 'error http_500': 1 }
  addCounts(counts, { delivered: 1, waiting: 4, 'latency 3': 5 })
  expect(counts).toEqual({ delivered: 3, waiting: 4, 'error http_500': 1, 'latency 3': 5 })
  expect(attemptsIn(counts)).toBe(7)
  expect([...latenciesIn(counts)]).toEqual([[3, 5]])
})

test('beyond a number of different errors, all further ones are one', () => {
  const counts: SeriesCounts = {}
  for (let status = 500; status < 560; status++) addCounts(counts, { [`error http_${status}`]: 1 })
  expect(Object.keys(counts)).toHaveLength(41)
  expect(counts['error other']).toBe(20)
  addCounts(counts, { 'error http_500': 1 })
  expect(counts['error http_500']).toBe(2)
})
