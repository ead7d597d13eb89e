import { expect, it } from 'vitest'
import type { DecodedOffset } from '../../core/ids/offset.ts'
import { placeTopics } from './topics.ts'

const offsets: Record<string, DecodedOffset> = {
  middle: { kind: 'position', position: 15 },
  first: { kind: 'position', position: 10 },
  old: { kind: 'position', position: 3 },
  last: { kind: 'position', position: 20 },
  beyond: { kind: 'position', position: 21 },
  foreign: { kind: 'other-topic', topic: 'b' },
  lost: { kind: 'other-log' },
}
const places = {
  has: (topic: string) => ['a', 'b'].includes(topic),
  decode: (_: string, offset: string): DecodedOffset => offsets[offset] ?? { kind: 'malformed' },
  bounds: () => ({ earliest: 10, latest: 20 }),
}

it.each([
  [undefined, 20],
  ['middle', 15],
  ['first', 10],
  ['last', 20],
  ['old', 10],
])('with the offset %s a topic starts after %i', (offset, position) => {
  expect(placeTopics([{ topic: 'a', offset }], places)).toEqual({ kind: 'placed', topics: [{ topic: 'a', position }] })
})

it.each([
  ['beyond', 'beyond the end'],
  ['foreign', 'of another topic'],
  ['lost', 'of another log'],
  ['mistyped', 'typing error'],
  ['', 'typing error'],
])('the offset "%s" is refused', (offset, message) => {
  expect(
    placeTopics(
      [
        { topic: 'b', offset: 'middle' },
        { topic: 'a', offset },
      ],
      places,
    ),
  ).toEqual({
    kind: 'invalid',
    topics: ['a'],
    message: expect.stringContaining(message),
  })
})

it('takes the first of two places for one topic', () => {
  const twice = [
    { topic: 'a', offset: 'middle' },
    { topic: 'a', offset: 'mistyped' },
  ]
  expect(placeTopics(twice, places)).toEqual({ kind: 'placed', topics: [{ topic: 'a', position: 15 }] })
})
