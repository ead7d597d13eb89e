import { expect, it } from 'vitest'
import { Outbox } from './outbox.ts'

function world() {
  const written: string[] = []
  const takes: (() => void)[] = []
  const outbox = new Outbox({
    write(pieces, taken) {
      written.push(Buffer.concat(pieces).toString())
      takes.push(taken)
    },
    bufferedBytes: 0,
    fail: () => {},
  })
  const put = (text: string, from: number, ...topics: string[]) =>
    outbox.put({ bytes: Buffer.from(text), from, topics: new Set(topics) })
  return { outbox, written, put, take: () => takes.shift()?.() }
}

it('hands one write at a time to the socket, with all that waited meanwhile', () => {
  const { outbox, written, put, take } = world()
  put('1', 0, 'a')
  put('2', 1, 'a')
  put('3', 2, 'a')
  expect([written, outbox.isEmpty, outbox.bufferedBytes]).toEqual([['1'], false, 2])
  take()
  expect([written, outbox.isEmpty]).toEqual([['1', '23'], true])
  take()
  put('4', 3, 'a')
  expect(written).toEqual(['1', '23', '4'])
})

it('hands over no more than a quarter of a mebibyte, or one parcel that is longer', () => {
  const { written, put, take } = world()
  const long = 'x'.repeat(200 * 1024)
  for (const text of ['1', long, '2', long, `${long}${long}`, '3']) put(text, 0, 'a')
  for (let i = 0; i < 4; i++) take()
  expect(written.map(({ length }) => length)).toEqual([1, long.length + 1, long.length, 2 * long.length, 1])
})

it('gives back what waits, with the first place of each topic, and not what the socket has', () => {
  const { outbox, written, put, take } = world()
  put('with the socket', 0, 'a', 'b')
  put('2', 10, 'a')
  put('3', 20, 'a', 'b')
  expect([...outbox.recall()]).toEqual([
    ['a', 10],
    ['b', 20],
  ])
  take()
  expect(written).toEqual(['with the socket'])
  put('4', 10, 'a')
  expect(written).toEqual(['with the socket', '4'])
})
