import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainPaint } from './colour.ts'
import { type Column, tableLines } from './table.ts'
import { cutTo, printable, textWidth } from './text-width.ts'

type Row = readonly [string, string, string]
const columns: readonly Column<Row>[] = [
  { title: 'ID', value: (row) => row[0] },
  { title: 'NAME', value: (row) => row[1], isFlexible: true },
  { title: 'N', value: (row) => row[2], isNumber: true },
]

test('numbers stand to the right, texts to the left, nothing hangs over', () => {
  expect(
    tableLines(
      columns,
      [
        ['a', 'Åke', '7'],
        ['bcd', 'E', '12'],
      ],
      80,
      plainPaint,
    ),
  ).toEqual(['ID   NAME   N', 'a    Åke    7', 'bcd  E     12'])
})

test('flexible columns give way, ids never', () => {
  const id = 'sub_0123456789abcdefghijkl'
  const lines = tableLines(columns, [[id, 'x'.repeat(200), '1']], 60, plainPaint)
  expect(lines[1]).toContain(id)
  expect(lines[1]).toContain('…')
  for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(60)
})

test('it fits whatever it holds, and no control character reaches the terminal', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.string({ maxLength: 20, unit: 'grapheme-ascii' }),
          fc.string({ unit: 'grapheme' }),
          fc.string({ maxLength: 5, unit: 'grapheme-ascii' }),
        ),
      ),
      (rows) => {
        for (const line of tableLines(columns, rows, 80, plainPaint)) {
          expect(textWidth(line)).toBeLessThanOrEqual(80)
          expect(printable(line)).toBe(line)
        }
      },
    ),
  )
})

test('wide characters take two columns', () => {
  expect(textWidth('日本')).toBe(4)
  expect(cutTo('日本語', 5)).toBe('日本…')
  expect(cutTo('日本語', 4)).toBe('日…')
  expect(printable('a\u001b[2Jb\u202e')).toBe('a\\u001b[2Jb\\u202e')
})
