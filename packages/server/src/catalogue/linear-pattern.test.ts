import { expect, test } from 'vitest'
import { compileLinearPattern } from './linear-pattern.ts'

function matches(source: string, text: string): boolean {
  const result = compileLinearPattern(source)
  if (result.kind === 'refused') throw new Error(result.detail)
  return result.pattern.test(text)
}

test.each([
  ['^[A-Z]{2}\\d+$', 'AB12', true],
  ['^[A-Z]{2}\\d+$', 'ab12', false],
  // As ECMA-262 writes them.
  ['^\\u00e5$', 'å', true],
  ['b', 'abc', true],
  ['^\\w+$', 'å', false],
])('%s on %j: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected)
})

test('what would hold a backtracking engine for hours is matched in time', () => {
  expect(matches('^(a+)+$', `${'a'.repeat(50_000)}b`)).toBe(false)
})

test.each(['(?=a)', '(?<!a)b', '(a)\\1', 'a{1001}', '(', '[a'])('%s is refused, with the reason', (source) => {
  expect(compileLinearPattern(source)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('RE2') })
})

test('a pattern is told apart by its source', () => {
  const result = compileLinearPattern('^a$')
  expect(result.kind === 'compiled' && String(result.pattern)).toBe('^a$')
})
