import { expect, it } from 'vitest'
import { planRead } from './catch-up-read.ts'

it('has nothing to read when no topic stands before the end', () => {
  expect(planRead(new Map([['a', 10]]), 10)).toBeUndefined()
  expect(planRead(new Map(), 10)).toBeUndefined()
})

it('reads the topics that are furthest behind, up to the next ones', () => {
  const positions = new Map([
    ['a', 3],
    ['b', 7],
    ['c', 3],
    ['d', 9],
  ])
  expect(planRead(positions, 20)).toEqual({ after: 3, topics: new Set(['a', 'c']), upTo: 7 })
})

it('reads topics at one position together, without an upper end', () => {
  const positions = new Map([
    ['a', 3],
    ['b', 3],
  ])
  expect(planRead(positions, 4)).toEqual({ after: 3, topics: new Set(['a', 'b']), upTo: Number.POSITIVE_INFINITY })
})
