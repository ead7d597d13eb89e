import { expect, test } from 'vitest'
import { remembered } from './remembered.ts'

test('makes once, keeps no more than its capacity, forgets the oldest', () => {
  const made: string[] = []
  const length = remembered(2, (text) => {
    made.push(text)
    return text.length
  })
  expect([length('a'), length('bb'), length('a'), length('')]).toEqual([1, 2, 1, 0])
  expect(made).toEqual(['a', 'bb', ''])
  length('bb')
  length('')
  expect(made).toHaveLength(3)
  length('a')
  expect(made).toEqual(['a', 'bb', '', 'a'])
})
