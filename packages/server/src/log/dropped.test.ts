import { expect, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import { droppedTo } from './dropped.ts'

const slice = (positions: readonly number[], next: number) => ({
  events: positions.map((position) => ({ position }) as StoredEvent),
  next,
})

test.each<[string, number, readonly number[], number, number, number]>([
  // what, after, positions in the slice, next, earliest, expected
  ['nothing is dropped', 10, [11, 12], 12, 0, 10],
  ['nothing before the earliest is asked for', 10, [11, 12], 12, 10, 10],
  ['everything up to the earliest was dropped', 10, [21, 22], 22, 20, 20],
  ['what the slice holds was there, whatever was dropped since it was read', 10, [11, 12], 12, 30, 10],
  ['a part was dropped before the reading, a part after it', 10, [16, 17], 17, 30, 15],
  ['positions without events are no loss beyond the earliest', 10, [26], 26, 20, 20],
  ['an empty slice: all that it passed is gone', 10, [], 20, 20, 20],
  ['an empty slice at the end of the log', 10, [], 10, 10, 10],
  ['an empty slice, dropped since: only what it passed', 10, [], 20, 30, 20],
])('%s', (_what, after, positions, next, earliest, expected) => {
  expect(droppedTo(after, slice(positions, next), { earliest, latest: 40 })).toBe(expected)
})
