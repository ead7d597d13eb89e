import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  commonPatterns,
  compilePatterns,
  coversPatterns,
  isEventPattern,
  isEventType,
  matchesPattern,
} from './event-type-pattern.ts'

test.each(['invoice.updated', 'closeGroup.create', 'invoice-payment.book_keep', 'a.b1', `${'a'.repeat(253)}.b`])(
  '%s is a type and a pattern',
  (text) => {
    expect(isEventType(text)).toBe(true)
    expect(isEventPattern(text)).toBe(true)
  },
)

test.each(['*', 'invoice.*', 'closeGroup.*'])('%s is a pattern and no type', (text) => {
  expect(isEventType(text)).toBe(false)
  expect(isEventPattern(text)).toBe(true)
})

test.each([
  '',
  '.',
  'invoice',
  'invoice.',
  '.updated',
  '*.*',
  '*.updated',
  'invoice.upd*',
  'inv*.updated',
  '**',
  'a.b.c',
  'a.b.*',
  '1a.b',
  'a.1b',
  'a b.c',
  'ä.b',
  'а.b',
  'a.b\n',
  ' a.b',
  `${'a'.repeat(254)}.b`,
])('%j is neither', (text) => {
  expect(isEventType(text)).toBe(false)
  expect(isEventPattern(text)).toBe(false)
})

test.each([
  ['*', 'invoice.updated', true],
  ['invoice.*', 'invoice.updated', true],
  ['invoice.*', 'invoice-row.updated', false],
  ['invoice.*', 'invoices.updated', false],
  ['invoice.*', 'Invoice.updated', false],
  ['invoice.updated', 'invoice.updated', true],
  ['invoice.updated', 'invoice.updated2', false],
  ['invoice.updated', 'Invoice.updated', false],
])('%s on %s: %s', (pattern, type, expected) => {
  expect(matchesPattern(pattern, type)).toBe(expected)
})

const part = fc.constantFrom('invoice', 'invoice-row', 'customer', 'created', 'updated')
const type = fc.tuple(part, part).map(([entity, action]) => `${entity}.${action}`)
const pattern = fc.oneof(
  type,
  part.map((entity) => `${entity}.*`),
  fc.constant('*'),
)

const patterns = fc.option(fc.array(pattern, { maxLength: 4 }))

test('patterns that cover others match all that these match', () => {
  fc.assert(
    fc.property(patterns, patterns, type, (wide, narrow, one) => {
      const has = (some: readonly string[] | null) => some === null || compilePatterns(some)(one)
      if (coversPatterns(wide, narrow) && has(narrow)) expect(has(wide)).toBe(true)
      expect(has(commonPatterns(wide, narrow))).toBe(has(wide) && has(narrow))
    }),
    { seed: 1 },
  )
  expect(coversPatterns(['invoice.*'], ['invoice.updated'])).toBe(true)
  expect(coversPatterns(['invoice.updated'], ['invoice.*'])).toBe(false)
  expect(coversPatterns(['invoice.*'], null)).toBe(false)
  expect(coversPatterns(null, null)).toBe(true)
})

test('patterns together match what one of them matches', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), type, (patterns, one) => {
      expect(compilePatterns(patterns)(one)).toBe(patterns.some((each) => matchesPattern(each, one)))
    }),
    { seed: 1 },
  )
})
