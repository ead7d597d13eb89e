import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkMoneybirdSettings, makeSecret, makeToken } from './settings.ts'

test('a token is 24 letters and digits, every one as likely as the next', () => {
  const letters = new Map<string, number>()
  for (let count = 0; count < 2_000; count++) {
    const token = makeToken(randomBytes)
    expect(token).toMatch(/^[0-9A-Za-z]{24}$/)
    for (const letter of token) letters.set(letter, (letters.get(letter) ?? 0) + 1)
  }
  expect(letters.size).toBe(62)
  // 774 on average, a standard deviation of 28: with plain remainders the first eight would come to 940.
  for (const count of letters.values()) expect(Math.abs(count - 774)).toBeLessThan(165)
})

test('a byte that would favour some letters is left out', () => {
  const rounds = [new Uint8Array(24).fill(255), new Uint8Array(24).fill(61)]
  expect(makeToken(() => rounds.shift()!)).toBe('z'.repeat(24))
})

test('a secret is 64 hex digits', () => {
  expect(makeSecret((bytes) => new Uint8Array(bytes).fill(0xab))).toBe('ab'.repeat(32))
})

test('natively a webhook of another system keeps its id and its token, and nothing else can be set', () => {
  expect(checkMoneybirdSettings({})).toEqual([])
  expect(checkMoneybirdSettings({ token: 'hPCNhskk1PwGC1pyJZMZmKNT', webhookId: '116010948233266179' })).toEqual([])
  expect(
    checkMoneybirdSettings({ token: 'short', webhookId: '116000000001000000', 'a/b~': 1, enabledEvents: [] }),
  ).toMatchObject([
    { pointer: '/settings/token', code: 'invalid_value' },
    { pointer: '/settings/webhookId', code: 'invalid_value' },
    { pointer: '/settings/a~1b~0', code: 'unknown_field' },
    { pointer: '/settings/enabledEvents', code: 'unknown_field' },
  ])
})
