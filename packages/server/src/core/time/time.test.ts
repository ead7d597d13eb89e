import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatRfc3339, parseRfc3339, toUtcSevenDigits, withMinimumMilliseconds } from './time.ts'

describe('parseRfc3339', () => {
  test.each([
    ['2017-12-28T14:59:16.500+01:00', Date.UTC(2017, 11, 28, 13, 59, 16, 500)],
    ['2017-12-28t14:59:16z', Date.UTC(2017, 11, 28, 14, 59, 16)],
    ['2024-02-29T00:00:00.1Z', Date.UTC(2024, 1, 29, 0, 0, 0, 100)],
    ['2024-02-29T00:00:00.123999999999999999999999Z', Date.UTC(2024, 1, 29, 0, 0, 0, 123)],
    ['2024-01-01T00:00:00-00:00', Date.UTC(2024, 0, 1)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['2017-01-01T00:59:60.5+01:00', Date.UTC(2017, 0, 1) + 500],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
    ['0099-12-31T00:00:00Z', -59_011_545_600_000],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])('%s', (text, epochMs) => {
    expect(parseRfc3339(text)).toEqual({ epochMs })
  })

  test.each([
    '',
    '2017-12-28',
    '2017-12-28T14:59:16',
    '2017-12-28 14:59:16Z',
    '2017-12-28T14:59Z',
    '2017-12-28T14:59:16.Z',
    '2017-12-28T14:59:16,5Z',
    '2017-12-28T14:59:16+0100',
    '2017-12-28T14:59:16+24:00',
    '2017-12-28T14:59:16+01:60',
    '2017-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2017-04-31T00:00:00Z',
    '2017-00-10T00:00:00Z',
    '2017-13-10T00:00:00Z',
    '2017-01-00T00:00:00Z',
    '2017-01-01T24:00:00Z',
    '2017-01-01T00:60:00Z',
    '2017-01-01T00:00:61Z',
    '2017-01-01T12:00:60Z',
    '2017-01-15T23:59:60Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '+2017-01-01T00:00:00Z',
    '2017-01-01T00:00:00Z\n',
    '٢٠١٧-01-01T00:00:00Z',
  ])('%j is refused', (text) => {
    expect(parseRfc3339(text)).toBeUndefined()
  })

  test('reads back what formatRfc3339 writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 0, 1) }), (ms) => {
        expect(parseRfc3339(formatRfc3339(ms))).toEqual({ epochMs: ms })
      }),
      { seed: 5 },
    )
  })

  test('an offset moves the clock and not the moment', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -1439, max: 1439 }), (ms, minutes) => {
        const local = formatRfc3339(ms + minutes * 60_000).slice(0, -1)
        const size = Math.abs(minutes)
        const zone = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
        expect(parseRfc3339(local + zone)).toEqual({ epochMs: ms })
        expect(toUtcSevenDigits(local + zone)).toBe(`${formatRfc3339(ms).slice(0, -1)}0000Z`)
      }),
      { seed: 5 },
    )
  })

  test('never throws, nor hangs on a mebibyte', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(toUtcSevenDigits(text) === undefined).toBe(parseRfc3339(text) === undefined)
      }),
      { seed: 5 },
    )
    const digits = '1'.repeat(1 << 20)
    expect(parseRfc3339(`2017-12-28T14:59:16.${digits}Z`)).toBeDefined()
    expect(parseRfc3339(`2017-12-28T14:59:16.${digits}X`)).toBeUndefined()
  })
})

test.each([
  ['2017-12-28T14:59:16+01:00', '2017-12-28T14:59:16.000+01:00'],
  ['2017-12-28T14:59:16Z', '2017-12-28T14:59:16.000Z'],
  ['2017-12-28T14:59:16.5-01:00', '2017-12-28T14:59:16.500-01:00'],
  ['2017-12-28T14:59:16.50Z', '2017-12-28T14:59:16.500Z'],
  ['2017-12-28t14:59:16.123456789z', '2017-12-28T14:59:16.123456789Z'],
])('%s has milliseconds as %s', (text, expected) => {
  expect(withMinimumMilliseconds(text)).toBe(expected)
})

test.each([
  ['2025-02-06T22:15:28.36+01:00', '2025-02-06T21:15:28.3600000Z'],
  ['2025-02-06T21:15:28Z', '2025-02-06T21:15:28.0000000Z'],
  ['2025-02-06T21:15:28.12345678999Z', '2025-02-06T21:15:28.1234567Z'],
  ['2016-12-31T23:59:60.25Z', '2017-01-01T00:00:00.2500000Z'],
  ['no time', undefined],
])('%s is %s with seven digits', (text, expected) => {
  expect(toUtcSevenDigits(text)).toBe(expected)
})
