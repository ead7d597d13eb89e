import { expect, it } from 'vitest'
import { afterFailure, afterSuccess, atTime, type Breaker, breakerThreshold, closedBreaker } from './breaker.ts'

const nowMs = 1_000_000

function failures(count: number): Breaker {
  let breaker: Breaker = closedBreaker
  for (let index = 0; index < count; index += 1) breaker = afterFailure(breaker, nowMs)
  return breaker
}

/** Every state by every input. */
const table: Record<Breaker['state'], { from: Breaker; success: object; failure: object; later: object }> = {
  closed: {
    from: { state: 'closed', failures: 3 },
    success: { state: 'closed', failures: 0 },
    failure: { state: 'closed', failures: 4 },
    later: { state: 'closed', failures: 3 },
  },
  open: {
    from: { state: 'open', untilMs: nowMs + 500, pauseMs: 1_000 },
    success: { state: 'closed', failures: 0 },
    failure: { state: 'open', untilMs: nowMs + 500, pauseMs: 1_000 },
    later: { state: 'half-open', pauseMs: 1_000 },
  },
  'half-open': {
    from: { state: 'half-open', pauseMs: 1_000 },
    success: { state: 'closed', failures: 0 },
    failure: { state: 'open', untilMs: nowMs + 2_000, pauseMs: 2_000 },
    later: { state: 'half-open', pauseMs: 1_000 },
  },
}

it.each(Object.entries(table))('%s: success, failure, time', (_state, { from, success, failure, later }) => {
  expect(afterSuccess()).toEqual(success)
  expect(afterFailure(from, nowMs)).toEqual(failure)
  expect(atTime(from, nowMs + 60_000)).toEqual(later)
})

it('opens at the threshold and not before', () => {
  expect(failures(breakerThreshold - 1).state).toBe('closed')
  expect(failures(breakerThreshold)).toEqual({ state: 'open', untilMs: nowMs + 1_000, pauseMs: 1_000 })
})

it('stays open until its pause is over', () => {
  const open = failures(breakerThreshold)
  expect(atTime(open, nowMs + 999).state).toBe('open')
  expect(atTime(open, nowMs + 1_000).state).toBe('half-open')
})

it('never pauses longer than a minute', () => {
  let breaker = failures(breakerThreshold)
  for (let round = 0; round < 20; round += 1) breaker = afterFailure(atTime(breaker, Number.MAX_SAFE_INTEGER), nowMs)
  expect(breaker).toMatchObject({ pauseMs: 60_000 })
})

it('lets a probe through when the clock was set back while it was open', () => {
  const open: Breaker = { state: 'open', untilMs: nowMs + 1_000, pauseMs: 1_000 }
  expect(atTime(open, nowMs)).toEqual(open)
  expect(atTime(open, nowMs - 3_600_000)).toEqual({ state: 'half-open', pauseMs: 1_000 })
})
