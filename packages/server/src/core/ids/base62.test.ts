import fc from 'fast-check'
import { expect, test } from 'vitest'
import { base62, base62OfBytes } from './base62.ts'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function numberOf(text: string): bigint {
  return [...text].reduce((value, digit) => value * 62n + BigInt(digits.indexOf(digit)), 0n)
}

test('a number is written with its digits, padded, whichever way it is given', () => {
  expect(base62(0, 3)).toBe('000')
  expect(base62(61, 1)).toBe('z')
  expect(base62(62, 1)).toBe('10')
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(12), (value, length) => {
      const text = base62(value, length)
      expect(numberOf(text)).toBe(BigInt(value))
      expect(text.length).toBeGreaterThanOrEqual(length)
      expect(base62(BigInt(value), length)).toBe(text)
    }),
  )
})

test('bytes are one big-endian number', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      const expected = bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n)
      expect(numberOf(base62OfBytes(bytes, 14))).toBe(expected)
    }),
  )
})
