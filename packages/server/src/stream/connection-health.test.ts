import { describe, expect, it } from 'vitest'
import { type ConnectionHealth, examine, isControlFlood } from './connection-health.ts'

const limits = { firstCommandMs: 30_000, wholeMessageMs: 10_000, pingMs: 30_000, missedPings: 2 }
const healthy: ConnectionHealth = {
  openedAtMs: 0,
  hasSucceeded: true,
  messageStartedAtMs: undefined,
  pingedAtMs: 0,
  unansweredPings: 0,
  isPaused: false,
}

describe('examine', () => {
  it.each<[string, Partial<ConnectionHealth>, number, string]>([
    ['a fresh connection', { hasSucceeded: false }, 29_999, 'well'],
    ['one without a command', { hasSucceeded: false }, 30_000, 'close'],
    ['one without a command yet that we do not read', { hasSucceeded: false, isPaused: true }, 30_000, 'ping'],
    ['a message under way', { messageStartedAtMs: 10 }, 10_009, 'well'],
    ['a message too long under way', { messageStartedAtMs: 10 }, 10_010, 'close'],
    ['a message under way that we do not read', { messageStartedAtMs: 10, isPaused: true }, 10_010, 'well'],
    ['time for a ping', {}, 30_000, 'ping'],
    ['time for a ping, by a clock that was set back', { pingedAtMs: 3_600_000 }, 10, 'ping'],
    ['one ping missed', { unansweredPings: 1 }, 30_000, 'ping'],
    ['two pings missed', { unansweredPings: 2 }, 30_000, 'close'],
    ['two pings missed while we do not read', { unansweredPings: 2, isPaused: true }, 30_000, 'ping'],
  ])('%s', (_, change, nowMs, kind) => {
    expect(examine({ ...healthy, ...change }, limits, nowMs).kind).toBe(kind)
  })
})

it('takes ten control frames in any second, and not eleven', () => {
  const times: number[] = []
  const flooded = (nowMs: number) => isControlFlood(times, 10, nowMs)
  expect(Array.from({ length: 10 }, (_, i) => flooded(i * 100))).not.toContain(true)
  expect(flooded(1_000)).toBe(false)
  expect(flooded(1_050)).toBe(true)
})

it('counts no control frames from before the clock was set back', () => {
  const times: number[] = []
  const flooded = (nowMs: number) => isControlFlood(times, 10, nowMs)
  expect(Array.from({ length: 10 }, (_, i) => flooded(3_600_000 + i * 10_000))).not.toContain(true)
  expect(Array.from({ length: 30 }, (_, i) => flooded(i * 10_000))).not.toContain(true)
})
