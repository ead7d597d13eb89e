import { expect, test } from 'vitest'
import { pointerTo } from './json-pointer.ts'

test('keys are escaped, and places counted', () => {
  expect(pointerTo('', 'a/b~c')).toBe('/a~1b~0c')
  expect(pointerTo('/a', 3)).toBe('/a/3')
  expect(pointerTo('/a', '')).toBe('/a/')
})

test('a very long key is cut', () => {
  expect(pointerTo('/a', 'k'.repeat(256))).toBe(`/a/${'k'.repeat(256)}`)
  expect(pointerTo('/a', 'k'.repeat(1_000_000))).toBe(`/a/${'k'.repeat(256)}…`)
})
