import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byteLines } from './byte-lines.ts'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (text: string, size = 1_000, maxBytes = 1_000) =>
  (await Array.fromAsync(byteLines(inPieces(Buffer.from(text), size), maxBytes))).map(
    ({ number, bytes, endOffset }) => [number, Buffer.from(bytes).toString(), endOffset],
  )

test('lines end at LF, the last one also at the end', async () => {
  expect(await read('a\n\nb\r\nc')).toEqual([
    [1, 'a', 2],
    [2, '', 3],
    [3, 'b\r', 6],
    [4, 'c', 7],
  ])
})

test('however it is cut, it reads the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('a', '\n', 'å', '\r', '\u2028') }),
      fc.integer({ min: 1, max: 9 }),
      async (text, size) => {
        const lines = text.split('\n')
        if (lines.at(-1) === '') lines.pop()
        expect((await read(text, size)).map(([, line]) => line)).toEqual(lines)
      },
    ),
  )
})

test('a line over the limit is cut there, and the next one is whole', async () => {
  expect(await read('0123456789\nab', 3, 4)).toEqual([
    [1, '0123', 11],
    [2, 'ab', 13],
  ])
})
