import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerReader } from './answer-reader.ts'
import { llhttpVerdict } from './fixtures/llhttp.ts'

/**
 * Answers near and beyond the edge of HTTP, judged by our reader and by llhttp, which undici and Node
 * read with. Where the verdicts differ, the difference is one of these, and each has its reason.
 */
const takenByUsAlone: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ['obs-fold, which a user agent reads as a space (RFC 9112 5.2)', /\n[ \t]/],
  ['one length several times (RFC 9112 6.3)', /content-length[^\n]*,|content-length[\s\S]*content-length/i],
  ['empty elements of a list (RFC 9110 5.6.1)', /transfer-encoding:[ \t]*\r?\n/i],
  ['any minor version of HTTP/1 (RFC 9110 2.5)', /HTTP\/1\.[2-9]/],
  ['a length beyond 2^64: a body without end', /content-length:[ \t]*\d{19}/i],
]
const refusedByUsAlone: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ['a status under 100', /HTTP\/\d\.\d 0/],
  ['a CR alone (RFC 9112 2.2)', /\r(?!\n)/],
  ['HTTP/0.9 and HTTP/2.0', /HTTP\/(0\.9|2\.0)/],
  ['101: nobody asked to switch protocols', / 101/],
  ['a control character in the reason', /^HTTP\/1\.\d \d{3} [^\n]*(?![\t\r\x80-\xff])[^ -~\n]/m],
]

const oneOf = (...texts: string[]) => fc.constantFrom(...texts)
const lineEnd = fc.oneof({ weight: 12, arbitrary: fc.constant('\r\n') }, oneOf('\n', '\r', '\r\r\n', ' \r\n', ''))
const statusLine = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant('HTTP/1.1') },
      oneOf(
        'HTTP/1.0',
        'HTTP/1.2',
        'HTTP/2.0',
        'HTTP/0.9',
        'http/1.1',
        'HTTP/1.10',
        '\r\nHTTP/1.1',
        ' HTTP/1.1',
        'ICY',
      ),
    ),
    fc.oneof(
      { weight: 8, arbitrary: oneOf(' 200', ' 204', ' 304', ' 500', ' 999', ' 100', ' 102') },
      oneOf(' 101', ' 099', ' 20', ' 2000', '  200', '\t200', '200', ' +20', ' 0x1'),
    ),
    fc.oneof({ weight: 6, arbitrary: oneOf(' OK', '', ' ') }, oneOf(' n\xf6', ' a\0b', ' a\x01', 'x', ' :')),
  )
  .map((parts) => parts.join(''))
const fieldLine = fc.oneof(
  {
    weight: 4,
    arbitrary: oneOf(
      'content-length: 5',
      'Content-Length:5',
      'content-length: 0',
      'transfer-encoding: chunked',
      'connection: close',
      'connection: keep-alive',
      'x: y',
      'x:',
    ),
  },
  oneOf(
    'content-length: 5, 5',
    'content-length: 5,6',
    'content-length: 05',
    'content-length: -1',
    'content-length: +5',
    'content-length: 0x5',
    'content-length: 5 5',
    'content-length:',
    'content-length: 99999999999999999999',
    'content-length : 5',
    'content-length\t: 5',
    ' content-length: 5',
  ),
  oneOf(
    'transfer-encoding: gzip, chunked',
    'transfer-encoding: chunked, gzip',
    'transfer-encoding: identity',
    'transfer-encoding: xchunked',
    'transfer-encoding: chunked;a=b',
    'transfer-encoding:\tchunked',
    'Transfer-Encoding: CHUNKED',
    'transfer-encoding: chunked\xa0',
    'transfer-encoding:',
  ),
  oneOf(
    'no colon',
    ': no name',
    'n\xe4me: x',
    'a b: c',
    'x: a\0b',
    'x: a\x7fb',
    'x: \xff',
    '\tfolded',
    ' folded: more',
    'x: y\rz: w',
    'upgrade: h2c',
    'connection: upgrade',
  ),
)
const body = fc.oneof(
  oneOf(
    '',
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    '5  \r\nhello\r\n0\r\n\r\n',
    '005;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n',
    '5;a="b\r\nhello\r\n0\r\n\r\n',
  ),
  oneOf(
    '5\nhello\n0\n\n',
    'fffffffffffffffff\r\nx',
    'zz\r\n',
    '5\r\nhelloX\r\n0\r\n\r\n',
    '-5\r\nhello\r\n',
    '0\r\n\r\nHTTP/1.1 500 no\r\n\r\n',
    'helloHTTP/1.1 500 no\r\n\r\n',
    ' 5\r\nhello\r\n0\r\n\r\n',
  ),
)
const head = fc
  .tuple(statusLine, lineEnd, fc.array(fc.tuple(fieldLine, lineEnd), { maxLength: 4 }), lineEnd)
  .map(([status, end, fields, last]) => `${status}${end}${fields.map((field) => field.join('')).join('')}${last}`)
const answers = fc
  .tuple(
    fc.array(fc.constantFrom('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 X\r\nlink: <a>\r\n\r\n'), { maxLength: 2 }),
    head,
    body,
  )
  .map(([interim, ...rest]) => interim.join('') + rest.join(''))
/** A byte changed, put in or taken out, now and then. */
const mutated = fc
  .tuple(
    answers,
    fc.array(fc.tuple(fc.nat(200), oneOf('', '\0', '\r', '\n', ' ', ':', '\x80', '5', 'h'), fc.nat(1)), {
      maxLength: 2,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((all, [at, piece, drop]) => all.slice(0, at) + piece + all.slice(at + drop), text),
  )

function ownVerdict(pieces: readonly Buffer[], isClosed: boolean) {
  const reader = new AnswerReader({ bodyBytes: 65_536, keptBodyBytes: 16_384 })
  for (const piece of pieces) if (reader.state === 'head' || reader.state === 'body') reader.read(piece)
  if (isClosed) reader.end()
  const { state, refusal, mayPersist } = reader
  return { state, refusal, mayPersist, status: reader.head?.status ?? null, body: reader.body.toString('latin1') }
}

test('the verdict is llhttp’s, but for what is listed', () => {
  fc.assert(
    fc.property(mutated, fc.boolean(), (text, isClosed) => {
      const bytes = Buffer.from(text, 'latin1')
      const ours = ownVerdict([bytes], isClosed)
      const theirs = llhttpVerdict(bytes, isClosed)
      if (ours.status !== theirs.status) {
        const list = ours.status === null ? refusedByUsAlone : takenByUsAlone
        expect(
          list.filter(([, pattern]) => pattern.test(text)),
          `${JSON.stringify(text)}: ${ours.status}, llhttp ${theirs.status} ${theirs.error}`,
        ).not.toEqual([])
        return
      }
      if (ours.state === 'complete' && theirs.isComplete) expect(ours.body, JSON.stringify(text)).toBe(theirs.body)
    }),
    { numRuns: 20_000 },
  )
})

test('a connection that may serve another request is one that llhttp would keep too', () => {
  fc.assert(
    fc.property(mutated, (text) => {
      const bytes = Buffer.from(text, 'latin1')
      const ours = ownVerdict([bytes], false)
      const theirs = llhttpVerdict(bytes, false)
      if (!ours.mayPersist || ours.state !== 'complete') return
      const isKnown = takenByUsAlone.some(([, pattern]) => pattern.test(text))
      if (!isKnown) expect(theirs, JSON.stringify(text)).toMatchObject({ isComplete: true, error: null })
    }),
    { numRuns: 10_000 },
  )
})

test('the pieces that an answer comes in make no difference', () => {
  fc.assert(
    fc.property(mutated, fc.array(fc.nat(120), { maxLength: 6 }), fc.boolean(), (text, cuts, isClosed) => {
      const bytes = Buffer.from(text, 'latin1')
      const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      const whole = ownVerdict([bytes], isClosed)
      const inPieces = ownVerdict(pieces, isClosed)
      const single = ownVerdict(
        [...bytes].map((byte) => Buffer.from([byte])),
        isClosed,
      )
      // What comes after the end is seen only if it comes before the connection is given back.
      const verdict = ({ mayPersist: _, ...rest }: typeof whole) => rest
      expect(verdict(inPieces), JSON.stringify(text)).toEqual(verdict(whole))
      expect(verdict(single), JSON.stringify(text)).toEqual(verdict(whole))
    }),
    { numRuns: 10_000 },
  )
})
