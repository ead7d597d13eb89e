import { describe, expect, it } from 'vitest'
import { fieldOf } from './answer-head.ts'
import { AnswerReader } from './answer-reader.ts'

const limits = { bodyBytes: 65_536, keptBodyBytes: 16_384 }

function readerOf(text: string): AnswerReader {
  const reader = new AnswerReader(limits)
  reader.read(Buffer.from(text, 'latin1'))
  return reader
}

/** Status, kept body, and whether the connection may serve another request. */
function verdict(reader: AnswerReader) {
  const { state, head, refusal, mayPersist } = reader
  return { state, refusal, status: head?.status ?? null, body: reader.body.toString('latin1'), mayPersist }
}

const complete = { state: 'complete', refusal: null, status: 200, body: 'hello', mayPersist: true }
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

describe('odd but right', () => {
  it.each([
    ['an unasked 100', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    [
      'several interim answers',
      `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)}HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello`,
    ],
    ['bare line feeds (RFC 9112 2.2)', 'HTTP/1.1 200 OK\ncontent-length: 5\n\nhello'],
    ['no reason', 'HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\nhello'],
    ['no reason and no space', 'HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello'],
    ['a reason in Latin-1', 'HTTP/1.1 200 Sch\xf6n\r\ncontent-length: 5\r\n\r\nhello'],
    ['space around values', 'HTTP/1.1 200 OK\r\nContent-Length:\t 5 \t\r\nX:\r\n\r\nhello'],
    ['no space at all', 'HTTP/1.1 200 OK\r\nContent-Length:5\r\n\r\nhello'],
    ['a folded header (5.2)', 'HTTP/1.1 200 OK\r\nx: a,\r\n\tb\r\n \r\ncontent-length:\r\n 5\r\n\r\nhello'],
    ['one length twice (6.3)', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello'],
    ['one length in a list (6.3)', 'HTTP/1.1 200 OK\r\ncontent-length: 5, 05\r\n\r\nhello'],
    ['a later minor version (RFC 9110 2.5)', 'HTTP/1.2 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['HTTP/1.0 that keeps alive', 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 5\r\n\r\nhello'],
    ['an empty line before it', '\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['chunks', `${chunked}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`],
    ['chunk sizes padded with spaces', `${chunked}5   \r\nhello\r\n0  \r\n\r\n`],
    ['chunk sizes padded with zeros', `${chunked}00000005\r\nhello\r\n0000\r\n\r\n`],
    ['chunked in capitals', 'HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
  ])('%s', (_case, text) => {
    expect(verdict(readerOf(text))).toEqual(complete)
  })

  it.each([
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello'],
    ['a wish to close', 'HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 5\r\n\r\nhello'],
    ['chunk extensions', `${chunked}5;a=b;c="d"\r\nhello\r\n0\r\n\r\n`],
    ['trailers', `${chunked}5\r\nhello\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`],
    [
      'chunks in HTTP/1.0 (6.1)',
      'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ],
    ['bytes after the end', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 500 no\r\n\r\n'],
    ['bytes after the last chunk', `${chunked}5\r\nhello\r\n0\r\n\r\nHTTP/1.1 500 no\r\n\r\n`],
  ])('%s, and the connection serves no other request', (_case, text) => {
    expect(verdict(readerOf(text))).toEqual({ ...complete, mayPersist: false })
  })

  it.each([
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nhel', 'lo'],
    [
      'a coding that is not chunked at its end (6.3)',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\nhel',
      'lo',
    ],
  ])('%s: the body ends with the connection', (_case, ...pieces) => {
    const reader = new AnswerReader(limits)
    for (const piece of pieces) reader.read(Buffer.from(piece))
    expect(reader.state).toBe('body')
    reader.end()
    expect(verdict(reader)).toEqual({ ...complete, mayPersist: false })
  })

  it.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', true],
    ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n', true],
    ['204 that announces a body', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', false],
    ['304 that announces chunks', 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n', false],
  ])('%s has no body', (_case, text, mayPersist) => {
    expect(verdict(readerOf(text))).toMatchObject({ state: 'complete', body: '', mayPersist })
  })

  it('joins what came in several lines, and leaves spaces that belong to a value', () => {
    const { head } = readerOf('HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:  two  words\xa0 \r\nx-a:\r\ncontent-length: 0\r\n\r\n')
    expect(fieldOf(head!, 'x-a')).toBe('1, two  words\xa0, ')
    expect(fieldOf(head!, 'x-b')).toBeNull()
  })
})

describe('once there is a status it stands', () => {
  it.each([
    ['no chunk size', `${chunked}zz\r\n`],
    ['a negative chunk size', `${chunked}-5\r\nhello`],
    ['a chunk size over 2^64', `${chunked}fffffffffffffffff\r\nx`],
    ['a chunk longer than it said', `${chunked}2\r\nhello\r\n0\r\n\r\n`],
    ['chunk lines with bare line feeds', `${chunked}5\nhello\n0\n\n`],
    ['a carriage return in a chunk extension', `${chunked}5;a\rb\r\nhello\r\n`],
    ['a chunk extension without end', `${chunked}5;${'a'.repeat(5_000)}`],
    ['a chunk size without end', `${chunked}${'0'.repeat(5_000)}`],
    ['trailers without end', `${chunked}0\r\n${'a: b\r\n'.repeat(4_000)}`],
    ['a body over the cap', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(65_537)}`],
    ['small chunks over the cap', `${chunked}${'1\r\nx\r\n'.repeat(11_000)}`],
  ])('%s', (_case, text) => {
    expect(verdict(readerOf(text))).toMatchObject({ state: 'cut', refusal: null, status: 200 })
  })

  it.each([
    ['by its length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'],
    ['by a length beyond all bounds', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(400)}\r\n\r\nhello`],
    ['by its chunks', `${chunked}5\r\nhello\r\n`],
  ])('a body that breaks off %s', (_case, text) => {
    const reader = readerOf(text)
    reader.end()
    expect(verdict(reader)).toMatchObject({ state: 'cut', status: 200, body: 'hello' })
  })

  it('keeps the beginning of a long body, however small the pieces', () => {
    const reader = readerOf('HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n')
    for (let at = 0; at < 20_000; at++) reader.read(Buffer.from([97 + (at % 26)]))
    expect(reader.state).toBe('complete')
    expect(reader.body).toHaveLength(16_384)
    expect(reader.body.toString('latin1', 26, 52)).toBe('abcdefghijklmnopqrstuvwxyz')
  })
})

describe('refused', () => {
  it.each([
    ['both lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['lengths that differ', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n'],
    ['lengths that differ in a list', 'HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\n'],
    ['an empty length', 'HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n'],
    ['a length with a space that is none', 'HTTP/1.1 200 OK\r\ncontent-length: 5\xa0\r\n\r\n'],
    ['an empty transfer coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n\r\n'],
    ['a space before a colon', 'HTTP/1.1 200 OK\r\ncontent-length : 5\r\n\r\n'],
    ['a space before the first header', 'HTTP/1.1 200 OK\r\n x: y\r\n\r\n'],
    ['a line without colon', 'HTTP/1.1 200 OK\r\nhello\r\n\r\n'],
    ['a header without name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a carriage return alone', 'HTTP/1.1 200 OK\r\nx: a\rb: c\r\n\r\n'],
    ['two carriage returns', 'HTTP/1.1 200 OK\r\r\nx: a\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nx: \0\r\n\r\n'],
    ['switching protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['HTTP in small letters', 'http/1.1 200 OK\r\n\r\n'],
    ['another protocol, at its first byte', 'S'],
    ['no HTTP in an interim answer', 'HTTP/1.1 100 Continue\r\nbad line\r\n\r\n'],
    ['garbage after an interim answer', 'HTTP/1.1 100 Continue\r\n\r\nhello'],
  ])('%s', (_case, text) => {
    expect(verdict(readerOf(text))).toMatchObject({ state: 'refused', refusal: 'invalid_http', status: null })
  })

  it.each([
    ['a header of a mebibyte', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1024 * 1024)}`],
    ['more lines than any answer has', `HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(5_000)}\r\n`],
    ['interim answers without end', 'HTTP/1.1 102 X\r\n\r\n'.repeat(101)],
    ['interim answers with a lot to say', `HTTP/1.1 103 X\r\nx: ${'a'.repeat(50_000)}\r\n\r\n`.repeat(3)],
    ['empty lines without end', '\r\n'.repeat(70_000)],
  ])('%s', (_case, text) => {
    expect(verdict(readerOf(text))).toMatchObject({ state: 'refused', refusal: 'headers_too_large' })
  })

  it.each([
    ['folds', `HTTP/1.1 200 OK\r\nx: a\r\n${' b\r\n'.repeat(30_000)}\r\n`],
    ['spaces', `HTTP/1.1 200 OK\r\nx:${' '.repeat(100_000)}b\r\n\r\n`],
    ['digits', `HTTP/1.1 200 OK\r\ncontent-length: ${'0'.repeat(100_000)}x\r\n\r\n`],
    ['commas', `HTTP/1.1 200 OK\r\nconnection: ${','.repeat(100_000)}\r\ncontent-length: 0\r\n\r\n`],
  ])('a head full of %s takes time in proportion', (_case, text) => {
    // A regular expression or a copy with each piece would take minutes here.
    for (let round = 0; round < 20; round++) readerOf(text)
  })

  it('nothing but a close is no answer', () => {
    const reader = new AnswerReader(limits)
    reader.end()
    expect([reader.state, reader.isUntouched]).toEqual(['head', true])
  })
})
