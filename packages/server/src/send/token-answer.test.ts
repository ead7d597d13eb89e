import { describe, expect, it } from 'vitest'
import { parseTokenAnswer } from './token-answer.ts'

const parse = (answer: unknown) =>
  parseTokenAnswer(typeof answer === 'string' ? answer : JSON.stringify(answer), 1_000_000)

describe('parseTokenAnswer', () => {
  it('reads the answer of RFC 6749 §5.1', () => {
    const answer = { access_token: '2YotnFZFEjr1zCsicMWpAA', token_type: 'example', expires_in: 3600 }
    expect(parse(answer)).toBeNull()
    expect(parse({ ...answer, token_type: 'bearer' })).toEqual({
      token: '2YotnFZFEjr1zCsicMWpAA',
      staleAtMs: 1_000_000 + 3_540_000,
    })
  })

  it.each([
    [20, 18_000],
    ['3600', 3_540_000],
    [0, 0],
    [undefined, 270_000],
    [null, 270_000],
    [-1, 270_000],
    ['soon', 270_000],
    [1e300, 86_340_000],
  ])('expires_in %j is used for %i ms', (expiresIn, usedMs) => {
    expect(parse({ access_token: 'a', token_type: 'Bearer', expires_in: expiresIn })?.staleAtMs).toBe(
      1_000_000 + usedMs,
    )
  })

  it.each([
    '',
    'null',
    '[]',
    '"token"',
    '<html>',
    {},
    { access_token: '' },
    { access_token: 5 },
    { access_token: 'a b' },
    { access_token: 'a\r\nx: y' },
    { access_token: 'ü' },
    { access_token: 'a', token_type: 'mac' },
  ])('%j grants nothing', (answer) => expect(parse(answer)).toBeNull())
})
