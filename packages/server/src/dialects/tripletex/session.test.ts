import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type EndedSessions,
  endOfSession,
  isEnded,
  noneEnded,
  readSession,
  sessionText,
  type TripletexSession,
  withEnded,
} from './session.ts'

const nowMs = Date.UTC(2026, 0, 31, 23, 59, 59)

function session(id: string, createdMs = nowMs, endsMs = nowMs + 1_000): TripletexSession {
  return { tokenId: 'tok_1', createdMs, endsMs, id }
}

describe('the text of a session', () => {
  test('is read back', () => {
    expect(readSession(sessionText(session('a-B_9')))).toEqual(session('a-B_9'))
  })

  test.each(['', 'tok_1', 'tok_1~1~2', 'tok_1~1~2~', 'tok_1~x~2~a', 'tok_1~1~2~a~b', '~1~2~a'])('is not %j', (text) => {
    expect(readSession(text)).toBeUndefined()
  })
})

describe('the day of expiry', () => {
  test('is one after today, and the session ends at the midnight with which it begins', () => {
    expect(endOfSession('2026-02-01', nowMs)).toBe(Date.UTC(2026, 1, 1))
    expect(endOfSession('9999-12-31', nowMs)).toBe(Date.UTC(9999, 11, 31))
    expect(endOfSession('2028-02-29', nowMs)).toBe(Date.UTC(2028, 1, 29))
  })

  test.each([
    '2026-01-31',
    '2026-01-30',
    '2026-02-29',
    '2026-02-00',
    '2026-13-01',
    '26-02-01',
    '2026-2-1',
    '',
    '2026-02-01 ',
  ])('is not %j', (text) => {
    expect(endOfSession(text, nowMs)).toBeUndefined()
  })
})

describe('sessions that were ended', () => {
  test('stay ended, and others do not end with them', () => {
    const ended = withEnded(noneEnded, session('a'), nowMs)
    expect(isEnded(ended, session('a'))).toBe(true)
    expect(isEnded(ended, session('b'))).toBe(false)
  })

  test('are forgotten when they would have run out', () => {
    const first = withEnded(noneEnded, session('a'), nowMs)
    expect(withEnded(first, session('b', nowMs, nowMs + 9_000), nowMs + 1_000).ended.map(({ id }) => id)).toEqual(['b'])
  })

  test('whatever their number, none is live again, and what is kept of them is bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1_001, maxLength: 2_500 }), (ages) => {
        const sessions = ages.map((age, index) => session(`s${index}`, nowMs - age))
        const kept = sessions.reduce<EndedSessions>((before, one) => withEnded(before, one, nowMs), noneEnded)
        expect(kept.ended.length).toBeLessThanOrEqual(1_000)
        for (const one of sessions) expect(isEnded(kept, one)).toBe(true)
        expect(isEnded(kept, session('another', nowMs))).toBe(false)
      }),
      { numRuns: 5 },
    )
  })
})
