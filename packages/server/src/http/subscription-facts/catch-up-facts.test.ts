import { expect, test } from 'vitest'
import { catchUpFacts, paceFacts } from './catch-up-facts.ts'

const sinceMs = Date.parse('2026-01-01T00:00:00Z')

test('a catch-up runs until it is paused, and its times are written out', () => {
  const catchUp = { reason: 'rewind', sinceMs, from: 5, pausedAtMs: null } as const
  const since = '2026-01-01T00:00:00.000Z'
  expect(catchUpFacts(catchUp)).toEqual({ state: 'running', reason: 'rewind', since, pausedAt: null })
  expect(catchUpFacts({ ...catchUp, pausedAtMs: sinceMs + 1_000 })).toEqual({
    ...{ state: 'paused', reason: 'rewind', since, pausedAt: '2026-01-01T00:00:01.000Z' },
  })
})

test('a pace has two digits; one that has read nothing has none, and one that is not known yet stays so', () => {
  const measured = { eventsPerSecond: 12.3456, secondsLeft: 7 }
  expect(paceFacts(measured)).toEqual({ eventsPerSecond: 12.35, windowSeconds: 60, secondsLeft: 7 })
  expect(paceFacts(null)).toEqual({ eventsPerSecond: 0, windowSeconds: 60, secondsLeft: null })
  expect(paceFacts({ eventsPerSecond: null, secondsLeft: null })).toMatchObject({ eventsPerSecond: null })
})
