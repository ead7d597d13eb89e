import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answerText } from './answer-text.ts'

const answer = { contentType: null, codings: [], isWhole: true }

test.each([
  [null, Buffer.from('grüß')],
  ['text/plain', Buffer.from('grüß')],
  ['text/plain; charset=utf-8', Buffer.from('grüß')],
  ['text/plain; charset=ISO-8859-1', Buffer.from('grüß', 'latin1')],
  ['text/plain;CHARSET="windows-1252"', Buffer.from('grüß', 'latin1')],
  ['text/html; a=b ; charset = utf-16le', Buffer.from('grüß', 'utf16le')],
  ['text/plain; charset=no-such-thing', Buffer.from('grüß')],
])('%s', (contentType, bytes) => {
  expect(answerText(bytes, { ...answer, contentType })).toBe('grüß')
})

test('Shift_JIS and GBK, as receivers in Asia send them', () => {
  const text = (charset: string, bytes: number[]) =>
    answerText(Buffer.from(bytes), { ...answer, contentType: `text/html; charset=${charset}` })
  expect(text('Shift_JIS', [0x93, 0xfa, 0x96, 0x7b])).toBe('日本')
  expect(text('gbk', [0xd6, 0xd0])).toBe('中')
})

test('what is not of the charset is replaced', () => {
  expect(answerText(Buffer.from([0x61, 0xff, 0x62]), answer)).toBe('a\ufffdb')
})

test('a beginning that ends within a character leaves that out', () => {
  const bytes = Buffer.from('aß').subarray(0, 2)
  expect(answerText(bytes, { ...answer, isWhole: false })).toBe('a')
  expect(answerText(bytes, answer)).toBe('a\ufffd')
})

test('a compressed answer is said to be, and never unpacked', () => {
  const bytes = gzipSync('{"error":"no"}')
  expect(answerText(bytes, { ...answer, codings: ['gzip'] })).toContain('compressed (gzip)')
  expect(answerText(bytes, { ...answer, codings: ['br', 'identity', 'zstd', 'chunked'] })).toContain('(br, zstd)')
  expect(answerText(Buffer.from('plain'), { ...answer, codings: ['identity', 'chunked'] })).toBe('plain')
  expect(answerText(Buffer.alloc(0), { ...answer, codings: ['gzip'] })).toBe('')
})
