import { expect, test } from 'vitest'
import { comment, inParentheses, intersection, literal, objectText, union } from './type-text.ts'

test('text of an operator ends no string and no comment', () => {
  expect(literal('a"\u2028\n')).toBe('"a\\"\\u2028\\n"')
  expect(comment('one */ process.exit() /*\ntwo')).toEqual(['/**', ' * one *\\/ process.exit() /*', ' * two', ' */'])
  expect(comment('  ')).toEqual([])
})

test('an object has its members on lines, and one without members takes none', () => {
  expect(objectText([{ name: 'a-b', type: 'string', isOptional: true, description: 'of it' }], 'unknown')).toBe(
    '{\n  /** of it */\n  readonly "a-b"?: string\n  readonly [key: string]: unknown\n}',
  )
  expect(objectText([])).toBe('{ readonly [key: string]: never }')
})

test('operators bind as they are meant', () => {
  expect(union(['string', 'string'])).toBe('string')
  expect(intersection(['A', union(['{ a: 1 }', '"b | c"'])])).toBe('A & (({ a: 1 }) | "b | c")')
  expect(inParentheses('{ a: 1 } & { b: 1 }')).toBe('({ a: 1 } & { b: 1 })')
})
