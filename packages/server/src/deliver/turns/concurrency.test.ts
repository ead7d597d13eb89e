import { expect, test } from 'vitest'
import { grown, newAllowance, shrunk } from './concurrency.ts'

test('begins with two, or with the limit if that is lower', () => {
  expect(newAllowance(8)).toEqual({ allowed: 2, limit: 8 })
  expect(newAllowance(1)).toEqual({ allowed: 1, limit: 1 })
})

test('doubles with each success up to the limit', () => {
  const steps = [newAllowance(6)]
  for (let success = 0; success < 3; success += 1) steps.push(grown(steps.at(-1)!))
  expect(steps.map(({ allowed }) => allowed)).toEqual([2, 4, 6, 6])
})

test('halves with a quick failure, and falls to one with a failure that held its slot for a second', () => {
  expect(shrunk({ allowed: 8, limit: 8 }, 999).allowed).toBe(4)
  expect(shrunk({ allowed: 1, limit: 8 }, 999).allowed).toBe(1)
  expect(shrunk({ allowed: 8, limit: 8 }, 1_000).allowed).toBe(1)
})
