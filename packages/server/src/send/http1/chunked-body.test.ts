import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkedBody } from './chunked-body.ts'

/** Reads a text in pieces of a size; whatever comes after the body is left. */
function read(text: string, pieceBytes = Number.POSITIVE_INFINITY) {
  const body = new ChunkedBody()
  const bytes = Buffer.from(text, 'latin1')
  let data = ''
  let at = 0
  while (at < bytes.length && !body.isComplete && !body.isBroken) {
    const piece = bytes.subarray(0, Math.min(bytes.length, at + pieceBytes))
    at = body.read(piece, at, (part) => {
      data += part.toString('latin1')
    })
  }
  return {
    data,
    left: bytes.subarray(at).toString('latin1'),
    isComplete: body.isComplete,
    isBroken: body.isBroken,
    isPlain: body.isPlain,
  }
}

test('chunks are put together, however they arrive, and what follows the body is left', () => {
  const chunk = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', '\r', '\n', '0', ';') })
  fc.assert(
    fc.property(fc.array(chunk), fc.integer({ min: 1, max: 7 }), (chunks, pieceBytes) => {
      const text = `${chunks.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('')}0\r\n\r\nrest`
      const result = read(text, pieceBytes)
      expect(result).toMatchObject({ data: chunks.join(''), isComplete: true, isBroken: false, isPlain: true })
      expect('rest'.endsWith(result.left)).toBe(true)
    }),
  )
})

describe('right, if rare', () => {
  test.each([
    ['sizes padded with zeros and spaces', '00005  \r\nhello\r\n000\r\n\r\n', true],
    ['extensions', '5;a=b;c="d"\r\nhello\r\n0\r\n\r\n', false],
    ['trailers', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', false],
  ])('%s', (_what, text, isPlain) => {
    expect(read(text)).toMatchObject({ data: 'hello', isComplete: true, isPlain })
  })
})

describe('broken', () => {
  test.each([
    ['no size', '\r\nhello\r\n0\r\n\r\n'],
    ['a size that is none', '5g\r\nhello\r\n0\r\n\r\n'],
    ['a size with a sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a size beyond all numbers', `${'f'.repeat(16)}\r\n`],
    ['a bare line feed after the size', '5\nhello\r\n0\r\n\r\n'],
    ['a bare line feed in an extension', '5;a\nhello\r\n0\r\n\r\n'],
    ['more data than its size', '4\r\nhello\r\n0\r\n\r\n'],
    ['an endless extension', `5;${'a'.repeat(5_000)}`],
    ['endless trailers', `0\r\n${'x: y\r\n'.repeat(4_000)}`],
  ])('%s', (_what, text) => {
    expect(read(text)).toMatchObject({ isBroken: true, isComplete: false })
  })
})

test('what is cut off is neither complete nor broken', () => {
  expect(read('5\r\nhel')).toMatchObject({ data: 'hel', isComplete: false, isBroken: false })
})
