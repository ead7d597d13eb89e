import { describe, expect, test } from 'vitest'
import { mostFaults } from '../core/errors.ts'
import { Faults } from './faults.ts'

/** What is read of a field, or the code of its fault. */
function outcome(value: unknown, read: (faults: Faults) => unknown): unknown {
  const faults = new Faults({ field: value }, ['field'])
  const result = read(faults)
  try {
    faults.refuse()
    return result
  } catch (error) {
    return (error as { errors: { code: string }[] }).errors[0]!.code
  }
}

describe('a text', () => {
  test.each<[unknown, unknown]>([
    ['abc', 'abc'],
    ['å'.repeat(5), 'å'.repeat(5)],
    [undefined, undefined],
    [null, undefined],
    ['', 'invalid_length'],
    ['abcdef', 'invalid_length'],
    [3, 'invalid_type'],
    [['a'], 'invalid_type'],
    ['a\0b', 'invalid_format'],
    ['\ud800', 'invalid_format'],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.text('field', 5, false))).toEqual(expected)
  })

  test('is missed where it is needed', () => {
    for (const value of [undefined, null]) {
      expect(outcome(value, (faults) => faults.text('field', 5, true))).toBe('required')
    }
  })
})

describe('a whole number', () => {
  test.each<[unknown, unknown]>([
    [1, 1],
    [9, 9],
    [undefined, undefined],
    [0, 'out_of_range'],
    [10, 'out_of_range'],
    [1.5, 'out_of_range'],
    ['1', 'out_of_range'],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.integer('field', 1, 9))).toEqual(expected)
  })
})

describe('a tenant id', () => {
  test.each<[unknown, unknown]>([
    [1, 1],
    [0, 'out_of_range'],
    [1.5, 'out_of_range'],
    ['1', 'invalid_type'],
    [undefined, undefined],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.tenantId('field', false))).toEqual(expected)
  })

  test('has every digit that it was sent with', () => {
    expect(outcome(9223372036854775807n, (faults) => faults.tenantId('field', false))).toBe(9223372036854775807n)
  })

  test('is missed where it is needed', () => {
    expect(outcome(null, (faults) => faults.tenantId('field', true))).toBe('required')
  })
})

describe('a secret is kept to the letter', () => {
  test.each<[unknown, unknown]>([
    ['sécret: 6565df', 'sécret: 6565df'],
    ['x'.repeat(4_096), 'x'.repeat(4_096)],
    ['x'.repeat(4_097), 'invalid_length'],
    [' abc', 'invalid_format'],
    ['abc ', 'invalid_format'],
    ['a\nb', 'invalid_format'],
    ['a\u2028b', 'invalid_format'],
    [undefined, undefined],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.secret('field'))).toEqual(expected)
  })
})

describe('a time', () => {
  test.each<[unknown, unknown]>([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
    ['2026-01-31T12:00:00.123456789+01:00', '2026-01-31T12:00:00.123456789+01:00'],
    ['2026-01-31', 'invalid_format'],
    ['tomorrow', 'invalid_format'],
    [1_767_225_600, 'invalid_type'],
    [undefined, undefined],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.time('field'))).toEqual(expected)
  })
})

describe('a list of patterns', () => {
  test.each<[unknown, unknown]>([
    [['*'], ['*']],
    [
      ['invoice.*', 'order.created'],
      ['invoice.*', 'order.created'],
    ],
    [[], 'invalid_length'],
    [Array(1_001).fill('*'), 'invalid_length'],
    ['*', 'invalid_type'],
    [['invoice'], 'invalid_format'],
    [[3], 'invalid_format'],
    [undefined, undefined],
  ])('%j', (value, expected) => {
    expect(outcome(value, (faults) => faults.patterns('field'))).toEqual(expected)
  })
})

test('everything that is wrong is told at once, each with its place', () => {
  const faults = new Faults({ types: ['*', 'x', 'y'], 'a/b': 1 }, ['types', 'name'])
  faults.patterns('types')
  faults.text('name', 5, true)
  expect(() => faults.refuse()).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      errors: ['/a~1b', '/types/1', '/types/2', '/name'].map((pointer) => expect.objectContaining({ pointer })),
    }),
  )
})

test('no more faults are told than anybody reads', () => {
  const faults = new Faults({ types: Array(mostFaults + 1).fill('x') }, ['types'])
  faults.patterns('types')
  expect(() => faults.refuse()).toThrow(
    expect.objectContaining({ errors: expect.objectContaining({ length: mostFaults }) }),
  )
})
