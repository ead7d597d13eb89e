import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSse } from './sse.ts'

async function* inPieces(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  let start = 0
  for (const cut of [...cuts.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, cut)
    start = cut
  }
}

const read = async (text: string, cuts: readonly number[] = []) =>
  (await Array.fromAsync(readSse(inPieces(text, cuts), 'before'))).flat()

const message = (data: string, lastEventId = 'before', name = 'message') => ({
  kind: 'message',
  name,
  data,
  lastEventId,
})

test.each([
  ['one message', 'data: a\n\n', [message('a')]],
  ['lines of data', 'data: a\ndata:b\ndata\n\n', [message('a\nb\n')]],
  ['a name and an id', 'event: x\nid: 7\ndata: a\n\n', [message('a', '7', 'x')]],
  ['the id stays', 'id: 7\ndata: a\n\ndata: b\n\n', [message('a', '7'), message('b', '7')]],
  ['an id alone is progress', 'id: 8\n\n', [{ kind: 'progress', lastEventId: '8' }]],
  ['comments and unknown fields', ': hello\nfoo: bar\ndata: a\n\n', [message('a')]],
  ['an id with NUL is none', 'id: a\0b\ndata: a\n\n', [message('a')]],
  ['a retry', 'retry: 250\n\nretry: soon\n\n', [{ kind: 'retry', delayMs: 250 }]],
  ['a message without its empty line is not one', 'data: a\n', []],
  ['a byte order mark', '\uFEFFdata: a\n\n', [message('a')]],
  ['the name ends with its message', 'event: x\n\ndata: a\n\n', [message('a')]],
])('%s', async (_name, text, expected) => {
  expect(await read(text)).toEqual(expected)
})

test('however it is cut and ended, it reads the same', async () => {
  const text = 'id: é1\ndata: {"name":"Åkerlund – 日本"}\n\nevent: checkpoint\nid: é2\ndata: {}\n\n'
  const whole = await read(text)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(500), { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (cuts, end) => {
        expect(await read(text.replaceAll('\n', end), cuts)).toEqual(whole)
      },
    ),
  )
})
