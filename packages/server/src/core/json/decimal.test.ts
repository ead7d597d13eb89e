import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareDecimals, decimalKey, exactNumber } from './decimal.ts'

const sign = (value: number) => Math.sign(value) + 0

test.each([
  ['12345678901234567.89', '12345678901234568', -1],
  ['9007199254740993', '9007199254740992', 1],
  ['1', '1.0', 0],
  ['10e-1', '1', 0],
  ['100', '1E+2', 0],
  ['0.001', '1e-3', 0],
  ['0', '-0.00e5', 0],
  ['-1', '0', -1],
  ['-2', '-10', 1],
  ['0', '0.0000001', -1],
  ['1e999999999999999999999', '1', 1],
  ['1e-999999999999999999999', '1', -1],
  ['-1e999999999999999999999', '-1', -1],
  ['0e999999999999999999999', '0', 0],
])('%s and %s', (a, b, expected) => {
  expect(sign(compareDecimals(a, b))).toBe(expected)
  expect(sign(compareDecimals(b, a))).toBe(expected === 0 ? 0 : -expected)
  expect(decimalKey(a) === decimalKey(b)).toBe(expected === 0)
})

const decimals = fc.record({ units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), scale: fc.nat(12) })

/** `units` times 10 to the minus `scale`, written in one of several ways. */
function write({ units, scale }: { units: bigint; scale: number }, way: number): string {
  if (way === 0) return `${units}e-${scale}`
  if (way === 1) return `${units}0E${-scale - 1}`
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale ? `.${digits.slice(point)}` : ''}`
}

test('agrees with integers scaled alike, in every way of writing', () => {
  fc.assert(
    fc.property(decimals, decimals, fc.nat(2), fc.nat(2), (a, b, wayA, wayB) => {
      const left = a.units * 10n ** BigInt(12 - a.scale)
      const right = b.units * 10n ** BigInt(12 - b.scale)
      expect(sign(compareDecimals(write(a, wayA), write(b, wayB)))).toBe(left < right ? -1 : left > right ? 1 : 0)
      expect(decimalKey(write(a, wayA))).toBe(decimalKey(write(a, wayB)))
    }),
    { seed: 3, numRuns: 1_000 },
  )
})

test('a double is exact when it prints the same decimal again', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(exactNumber(JSON.stringify(value))).toBe(value === 0 ? 0 : value)
    }),
    { seed: 3 },
  )
  expect(exactNumber('12345678901234567.89')).toBeUndefined()
  expect(exactNumber('1e400')).toBeUndefined()
  expect(exactNumber('1e-400')).toBeUndefined()
  expect(exactNumber('0.10')).toBe(0.1)
})
