import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { AuthorityRest } from './rest.ts'

test('it lasts a second from its last beginning, and none before the first', async () => {
  const clock = new ManualClock()
  const rest = new AuthorityRest(clock)
  expect(rest.isOver).toBe(true)
  rest.begin()
  await clock.advance(999)
  expect(rest.isOver).toBe(false)
  rest.begin()
  await clock.advance(999)
  expect(rest.isOver).toBe(false)
  await clock.advance(1)
  expect(rest.isOver).toBe(true)
})

test('a clock that is set back ends it, or it would last until the clock comes round again', () => {
  const clock = new ManualClock()
  const rest = new AuthorityRest(clock)
  rest.begin()
  clock.setBack(1)
  expect(rest.isOver).toBe(true)
})
