import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ManualClock } from '../time/clock.ts'
import { type PaceSample, paceOf, paceWindowMs, sampled } from './pace.ts'

const startMs = Date.UTC(2026, 0, 1)
const at = (seconds: number, readTo: number, latest = 10_000): PaceSample => ({
  atMs: startMs + seconds * 1_000,
  readTo,
  latest,
})
const samplesOf = (...samples: PaceSample[]) => samples.reduce<readonly PaceSample[]>(sampled, [])

it('takes the rate over the time since the reading began', () => {
  expect(paceOf(samplesOf(at(0, 0), at(5, 500)), at(10, 1_000))).toEqual({ eventsPerSecond: 100, secondsLeft: 90 })
})

it('takes the rate over the last minute, not over all of a reading', async () => {
  const clock = new ManualClock(startMs)
  let samples: readonly PaceSample[] = []
  let readTo = 0
  const now = () => ({ atMs: clock.now(), readTo, latest: 100_000 })
  for (const perSecond of [1_000, 10]) {
    for (let second = 0; second < 120; second += 1) {
      samples = sampled(samples, now())
      await clock.advance(1_000)
      readTo += perSecond / 10
    }
  }
  expect(paceOf(samples, now()).eventsPerSecond).toBeCloseTo(1, 5)
  expect(samples.length).toBeLessThanOrEqual(paceWindowMs / 1_000 + 2)
})

it('reckons with what is appended meanwhile', () => {
  const began = samplesOf(at(0, 0, 1_000))
  expect(paceOf(began, at(10, 1_000, 1_500))).toEqual({ eventsPerSecond: 100, secondsLeft: 10 })
  expect(paceOf(began, at(10, 100, 1_500))).toEqual({ eventsPerSecond: 10, secondsLeft: null })
})

it('knows nothing at first, and no end of what stands still', () => {
  expect(paceOf([], at(0, 0))).toEqual({ eventsPerSecond: null, secondsLeft: null })
  expect(paceOf(samplesOf(at(0, 0)), at(0.5, 400))).toEqual({ eventsPerSecond: null, secondsLeft: null })
  expect(paceOf(samplesOf(at(0, 0), at(10, 400)), at(200, 400))).toEqual({ eventsPerSecond: 0, secondsLeft: null })
})

it('begins anew when the clock was set back', () => {
  const samples = samplesOf(at(0, 0), at(100, 1_000), at(20, 1_100))
  expect(samples).toEqual([at(20, 1_100)])
  expect(paceOf(samples, at(10, 1_200))).toEqual({ eventsPerSecond: null, secondsLeft: null })
})

it('is never negative, never infinite and never no number', () => {
  const sample = fc.record({
    atMs: fc.integer({ min: startMs - 100_000, max: startMs + 100_000 }),
    readTo: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    latest: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  })
  fc.assert(
    fc.property(fc.array(sample), sample, (before, now) => {
      const { eventsPerSecond, secondsLeft } = paceOf(samplesOf(...before), now)
      for (const figure of [eventsPerSecond, secondsLeft]) {
        if (figure !== null) expect(Number.isFinite(figure) && figure >= 0).toBe(true)
      }
    }),
  )
})
