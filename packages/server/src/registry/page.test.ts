import { expect, test } from 'vitest'
import { encodeCursor } from '../core/ids/cursor.ts'
import { type PageRequest, pageOf } from './page.ts'

const all = ['a', 'b', 'c', 'd', 'e']
const asked: number[] = []
const page = (request: PageRequest) =>
  pageOf(request, {
    key: 'string',
    read: (after, limit) => {
      asked.push(limit)
      return all.filter((id) => after === undefined || id > after).slice(0, limit)
    },
    keyOf: (id) => id,
  })

test.each([1, 2, 3, 4, 5, 6])('pages of %i give everything once, and the last one has no next', (limit) => {
  const seen: string[] = []
  let pages = 0
  for (let cursor: string | null = null; ; ) {
    const { items, next } = page({ cursor, limit })
    seen.push(...items)
    pages += 1
    if (next === null) break
    cursor = next
  }
  expect(seen).toEqual(all)
  expect(pages).toBe(Math.ceil(all.length / limit))
})

test('without a limit it has a hundred', () => {
  asked.length = 0
  page({})
  expect(asked).toEqual([101])
})

test('a limit of a thousand is the largest', () => {
  expect(page({ limit: 1_000 }).items).toEqual(all)
})

test.each([0, -1, 1.5, 1_001, Number.NaN])('a limit of %d is refused', (limit) => {
  expect(() => page({ limit })).toThrow(
    expect.objectContaining({ code: 'invalid_request', errors: [expect.objectContaining({ pointer: '/limit' })] }),
  )
})

test.each(['x', encodeCursor([1]), encodeCursor(['a', 'b'])])('a cursor of another list is refused: %s', (cursor) => {
  expect(() => page({ cursor })).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})
