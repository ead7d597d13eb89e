import { expect, test } from 'vitest'
import { forward } from './forward.ts'

const hourMs = 3_600_000

/** Deliveries that fall due at times, each with one attempt that takes some looks to end. */
function world(dueMs: number[], options: { readonly looks?: number; readonly blocked?: number } = {}) {
  let nowMs = 0
  let underWay = 0
  let looksLeft = 0
  const attempts: number[] = []
  const begin = () => {
    while (dueMs.length > 0 && dueMs[0]! <= nowMs && (options.blocked ?? 0) <= nowMs && underWay === 0) {
      dueMs.shift()
      attempts.push(nowMs)
      underWay = options.looks ? 1 : 0
      looksLeft = options.looks ?? 0
    }
  }
  return {
    attempts,
    now: () => nowMs,
    deps: {
      clock: {
        now: () => nowMs,
        jump(byMs: number) {
          expect(underWay, 'time stands still while an attempt is under way').toBe(0)
          nowMs += byMs
          begin()
        },
      },
      deliveries: {
        get attemptsUnderWay() {
          if (underWay > 0 && --looksLeft <= 0) {
            underWay = 0
            begin()
          }
          return underWay
        },
        lag: 0,
        flush: async () => {},
        nextAttemptAtMs: async () => dueMs[0] ?? null,
      },
    },
  }
}

test('each attempt is made at its own time and ends before time goes on', async () => {
  const { attempts, now, deps } = world([hourMs, 2 * hourMs, 30 * hourMs], { looks: 5 })
  await forward(3 * hourMs, deps)
  expect(attempts).toEqual([hourMs, 2 * hourMs])
  expect(now()).toBe(3 * hourMs)
  await forward(30 * hourMs, deps)
  expect(attempts).toEqual([hourMs, 2 * hourMs, 30 * hourMs])
})

test('nothing waits: time is where it was asked to be', async () => {
  const { now, deps } = world([])
  await forward(400 * 24 * hourMs, deps)
  expect(now()).toBe(400 * 24 * hourMs)
})

test('what is due and held back gets its time in growing steps, and the end is reached', async () => {
  const { attempts, now, deps } = world([1_000], { blocked: 10_000 })
  await forward(hourMs, deps)
  expect(attempts).toHaveLength(1)
  expect(attempts[0]).toBeGreaterThanOrEqual(10_000)
  expect(attempts[0]).toBeLessThan(30_000)
  expect(now()).toBe(hourMs)
})
