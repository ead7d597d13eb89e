import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  compareTenantIds,
  highHalf,
  largestTenantId,
  lowHalf,
  type TenantId,
  tenantIdOf,
  tenantIdOfDigits,
  tenantIdOfHalves,
} from './tenant-id.ts'

const integer = fc.oneof(
  fc.bigInt({ min: 1n, max: largestTenantId }),
  fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n }),
  fc.bigInt({ min: 1n, max: 9n }),
  fc.bigInt({ min: largestTenantId - 9n, max: largestTenantId }),
)
const idOf = (value: bigint): TenantId => tenantIdOf(value)!

test('an id keeps its digits', () => {
  fc.assert(
    fc.property(integer, (value) => {
      expect(tenantIdOfDigits(String(value))).toBe(idOf(value))
      expect(String(idOf(value))).toBe(String(value))
    }),
  )
})

test('an id has one form: a number where a double holds it, and a bigint beyond', () => {
  fc.assert(
    fc.property(integer, (value) => {
      expect(typeof idOf(value)).toBe(value < 2n ** 53n ? 'number' : 'bigint')
    }),
  )
  expect(tenantIdOfDigits('9007199254740991')).toBe(9007199254740991)
  expect(tenantIdOfDigits('9007199254740992')).toBe(9007199254740992n)
})

test('ids are equal, in a map too, exactly if their digits are', () => {
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      expect(new Set([idOf(a), idOf(b)]).size).toBe(a === b ? 1 : 2)
      expect(idOf(a) === idOf(b)).toBe(a === b)
    }),
  )
})

test('ids sort by value, numbers and bigints together', () => {
  fc.assert(
    fc.property(fc.array(integer), (values) => {
      const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(values.map(idOf).sort(compareTenantIds)).toEqual(sorted.map(idOf))
    }),
  )
})

test('the two halves of an id are doubles, and make it again', () => {
  fc.assert(
    fc.property(integer, (value) => {
      const [high, low] = Float64Array.of(highHalf(idOf(value)), lowHalf(idOf(value)))
      expect(tenantIdOfHalves(high!, low!)).toBe(idOf(value))
    }),
  )
})

test('other texts and values are no ids', () => {
  const texts = ['', '0', '-1', '+1', '01', ' 1', '1 ', '1.0', '1e3', '0x1', '9223372036854775808', '1'.repeat(99), '١']
  for (const text of texts) expect(tenantIdOfDigits(text)).toBeUndefined()
  for (const value of [0, -1, 1.5, 2 ** 53, Number.NaN, 0n, -1n, 2n ** 63n, '1', null, undefined, {}]) {
    expect(tenantIdOf(value)).toBeUndefined()
  }
})
