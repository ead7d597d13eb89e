import { describe, expect, test } from 'vitest'
import type { AnswerHead } from './answer-head.ts'
import { framingOf, keepAliveMs } from './framing.ts'

const head = (fields: Readonly<Record<string, string>>, more: Partial<AnswerHead> = {}): AnswerHead => ({
  ...{ status: 200, minorVersion: 1, fields: Object.entries(fields).flat() },
  ...more,
})
const length = (bytes: number) => ({ kind: 'length', bytes }) as const

describe('where a body ends (RFC 9112 6.3)', () => {
  test.each([
    ['by its length', head({ 'content-length': '5' }), { framing: length(5), mayPersist: true }],
    ['by the same length twice', head({ 'content-length': '5, 05' }), { framing: length(5), mayPersist: true }],
    ['by chunks', head({ 'transfer-encoding': 'gzip, Chunked' }), { framing: { kind: 'chunked' }, mayPersist: true }],
    [
      'by chunks in HTTP/1.0, after which the connection is done for',
      head({ 'transfer-encoding': 'chunked', connection: 'keep-alive' }, { minorVersion: 0 }),
      { framing: { kind: 'chunked' }, mayPersist: false },
    ],
    [
      'at the close, by another coding',
      head({ 'transfer-encoding': 'gzip' }),
      { framing: { kind: 'until_close' }, mayPersist: false },
    ],
    ['at the close, when nothing is said', head({}), { framing: { kind: 'until_close' }, mayPersist: false }],
    ['at once, of 204', head({}, { status: 204 }), { framing: length(0), mayPersist: true }],
    [
      'at once, of 304 with a length: a body may follow all the same',
      head({ 'content-length': '5' }, { status: 304 }),
      { framing: length(0), mayPersist: false },
    ],
  ])('%s', (_how, given, expected) => {
    expect(framingOf(given)).toEqual(expected)
  })

  test.each([
    ['both ways', head({ 'content-length': '5', 'transfer-encoding': 'chunked' })],
    ['lengths that differ', head({ 'content-length': '5, 6' })],
    ['a length that is none', head({ 'content-length': '5x' })],
    ['a negative one', head({ 'content-length': '-1' })],
    ['an empty one', head({ 'content-length': '' })],
    ['a coding that says nothing', head({ 'transfer-encoding': ' , ' })],
  ])('nobody can say: %s', (_how, given) => {
    expect(framingOf(given)).toBeNull()
  })
})

test.each([
  ['HTTP/1.1', head({ 'content-length': '0' }), true],
  ['HTTP/1.1 that closes', head({ 'content-length': '0', connection: 'x, Close' }), false],
  ['HTTP/1.0', head({ 'content-length': '0' }, { minorVersion: 0 }), false],
  ['HTTP/1.0 that keeps alive', head({ 'content-length': '0', connection: 'keep-alive' }, { minorVersion: 0 }), true],
])('whether another request may follow: %s', (_what, given, mayPersist) => {
  expect(framingOf(given)?.mayPersist).toBe(mayPersist)
})

test.each([
  ['timeout=5, max=100', 5_000],
  ['max=100; timeout = "15"', 15_000],
  ['max=100', null],
  ['timeout=soon', null],
])('Keep-Alive: %s', (value, expected) => {
  expect(keepAliveMs(head({ 'keep-alive': value }))).toBe(expected)
})
