import { expect, it } from 'vitest'
import { hasElapsed } from './elapsed.ts'

it.each([
  ['as it begins', 1_000, false],
  ['just before its end', 1_099, false],
  ['at its end', 1_100, true],
  ['an hour later', 3_601_000, true],
  ['when the clock was set back', 999, true],
])('%s', (_, nowMs, expected) => {
  expect(hasElapsed(1_000, 100, nowMs)).toBe(expected)
})

it('no time at all is over as it begins', () => {
  expect(hasElapsed(1_000, 0, 1_000)).toBe(true)
})
