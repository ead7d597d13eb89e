import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterFailure, atTime, type Breaker, breakerThreshold, closedBreaker } from './breaker.ts'
import { hasFailedTooLong, isToBeNoted } from './failing.ts'

const dayMs = 86_400_000
const limitMs = 5 * dayMs
const sinceMs = Date.UTC(2026, 0, 1)
const minFailures = 5

/** Whether it is disabled at each of its failures, from the first one on; times as of `sinceMs`. */
function disabled(failuresMs: readonly number[], limit: number | null = limitMs): boolean[] {
  let breaker: Breaker = closedBreaker
  return failuresMs.map((failedMs) => {
    const nowMs = sinceMs + failedMs
    breaker = afterFailure(atTime(breaker, nowMs), nowMs)
    return hasFailedTooLong({ limitMs: limit, sinceMs, breaker, nowMs })
  })
}

describe('disabled after', () => {
  it('five failures and the whole time, and not before both', () => {
    expect(disabled([0, 1, 2, 3, limitMs - 1, limitMs])).toEqual([false, false, false, false, false, true])
    expect(disabled([0, limitMs, limitMs, limitMs, limitMs])).toEqual([false, false, false, false, true])
  })

  it('no two failures between which the clock jumped 15 days, nor three or four of them', () => {
    expect(disabled([0, 15 * dayMs])).toEqual([false, false])
    expect(disabled([0, 15 * dayMs, 15 * dayMs + 1_000, 15 * dayMs + 2_000])).toEqual([false, false, false, false])
    expect(disabled([0, 1_000, 2_000, 15 * dayMs])).toEqual([false, false, false, false])
  })

  it('none in a run of failures from which the clock was set back', () => {
    expect(disabled([0, 1, 2, 3, 4, -15 * dayMs])).toEqual(Array(6).fill(false))
  })

  it('failures with an open breaker, which counts no further', () => {
    const opening = Array.from({ length: breakerThreshold }, (_, index) => index)
    expect(disabled([...opening, dayMs, limitMs]).slice(-3)).toEqual([false, false, true])
  })

  it('nothing in a dialect that never disables', () => {
    expect(disabled(Array(20).fill(400 * dayMs), null)).not.toContain(true)
  })

  it('whatever the clock does, nothing but the limit and five failures', () => {
    const clock = fc.array(fc.integer({ min: -20 * dayMs, max: 20 * dayMs }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(clock, (failuresMs) => {
        const expected = failuresMs.map((failedMs, index) => index + 1 >= minFailures && failedMs >= limitMs)
        expect(disabled(failuresMs)).toEqual(expected)
      }),
    )
  })
})

it('is noted after a minute', () => {
  expect([0, 59_999, 60_000].map((ms) => isToBeNoted(sinceMs, sinceMs + ms))).toEqual([false, false, true])
  expect(isToBeNoted(sinceMs, sinceMs - dayMs)).toBe(false)
})
