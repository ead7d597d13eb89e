import { describe, expect, test } from 'vitest'
import { elementsOf, fieldOf, readHead } from './answer-head.ts'

const headOf = (text: string) => {
  const head = readHead(text)
  if (typeof head === 'string') throw new Error(head)
  return head
}

test('a head is taken apart: status, version, names in lower case, values without the space around them', () => {
  expect(readHead('HTTP/1.1 204 No Content\r\nX-One: \t a b \t\r\nx-two:\r\n\r\n')).toEqual({
    status: 204,
    minorVersion: 1,
    fields: ['x-one', 'a b', 'x-two', ''],
  })
})

test('a folded value is one value, with a space for each fold (RFC 9112 5.2)', () => {
  const head = headOf('HTTP/1.1 200 OK\r\nx: a\r\n\tb\r\n  \r\n c\r\n\r\n')
  expect(fieldOf(head, 'x')).toBe('a b c')
})

test('a header that came several times is one list, in order', () => {
  const head = headOf('HTTP/1.0 200\r\nvia: a\r\nother: x\r\nVia: b, ,C\r\n\r\n')
  expect(fieldOf(head, 'via')).toBe('a, b, ,C')
  expect(elementsOf(fieldOf(head, 'via'))).toEqual(['a', 'b', 'c'])
  expect(fieldOf(head, 'none')).toBeNull()
  expect(elementsOf(null)).toEqual([])
})

describe('what one of two readers could take for something else is invalid', () => {
  test.each([
    ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 5\r\n\r\n'],
    ['a space before the first name', 'HTTP/1.1 200 OK\r\n content-length: 5\r\n\r\n'],
    ['no colon', 'HTTP/1.1 200 OK\r\ncontent-length\r\n\r\n'],
    ['an empty name', 'HTTP/1.1 200 OK\r\n: 5\r\n\r\n'],
    ['a CR alone', 'HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status that begins with 0', 'HTTP/1.1 099 OK\r\n\r\n'],
  ])('%s', (_what, text) => {
    expect(readHead(text)).toBe('invalid')
  })
})

test('more than 4,096 lines are too many', () => {
  const lines = (count: number) => `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(count)}\r\n`
  expect(headOf(lines(4_096)).fields).toHaveLength(8_192)
  expect(readHead(lines(4_097))).toBe('too_many')
})
