import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

const textOf = (splitter: LineSplitter, chunks: readonly Buffer[]) =>
  [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()].map((line) =>
    line.kind === 'line' ? Buffer.from(line.bytes).toString() : '(too long)',
  )

it('gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\r', 'å'), maxLength: 12 }), { maxLength: 10 }),
      fc.array(fc.nat(60), { maxLength: 8 }),
      fc.boolean(),
      (lines, cuts, endsWithBreak) => {
        const bytes = Buffer.from(lines.join('\n') + (endsWithBreak ? '\n' : ''))
        const places = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b)
        const chunks = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
        const expected = lines.filter((line) => /[^ \t\r]/.test(line))
        expect(textOf(new LineSplitter(1_000), chunks)).toEqual(expected)
      },
    ),
  )
})

it('keeps its place after a line that is too long, and no byte of it', () => {
  const splitter = new LineSplitter(4)
  expect(textOf(splitter, [Buffer.from('12345'), Buffer.from('67\nok\n1234\n')])).toEqual(['(too long)', 'ok', '1234'])
})
