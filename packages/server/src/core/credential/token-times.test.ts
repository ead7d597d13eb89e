import { expect, test } from 'vitest'
import { readTokenTimes } from './token-times.ts'

const nowMs = Date.UTC(2026, 0, 1)
const now = nowMs / 1_000
const read = (claims: object) => readTokenTimes(claims, nowMs, 10_000)

test('a token counts until its expiry and from its beginning on', () => {
  expect(read({ exp: now + 1, nbf: now + 10, iat: now + 60 })).toEqual({ kind: 'good', expiresAtMs: nowMs + 1_000 })
  expect(read({ exp: now + 0.5 })).toEqual({ kind: 'good', expiresAtMs: nowMs + 500 })
  expect(read({ exp: 253_402_300_799 })).toEqual({ kind: 'good', expiresAtMs: Date.UTC(9999, 11, 31, 23, 59, 59) })
  expect(read({})).toEqual({ kind: 'good', expiresAtMs: null })
  expect(read({ exp: now })).toEqual({ kind: 'refused', reason: 'expired' })
  expect(read({ nbf: now + 11 })).toEqual({ kind: 'refused', reason: 'claim_nbf' })
})

const noTimes = [
  ...['1e999', '-1e999', '1e300', '9223372036854775807', '253402300800', '-1'].map(Number),
  ...[Number.NaN, 9_223_372_036_854_775_807n, '9999999999', '', true, null, [now + 60], { seconds: now + 60 }],
]
test.each(noTimes)('%o is no time, in any claim', (value) => {
  expect(read({ exp: value })).toEqual({ kind: 'refused', reason: 'expired' })
  expect(read({ nbf: value })).toEqual({ kind: 'refused', reason: 'claim_nbf' })
  expect(read({ iat: value })).toEqual({ kind: 'refused', reason: 'claim_iat' })
})
