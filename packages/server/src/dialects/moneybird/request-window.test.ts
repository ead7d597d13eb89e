import { expect, test } from 'vitest'
import { RequestWindow } from './request-window.ts'

const startMs = 1_800_000_000_000
const window = () => new RequestWindow()

test('150 requests are within the window, the next is not, until the next window begins', () => {
  const uses = window()
  for (let count = 1; count <= 150; count++) {
    expect(uses.use('a', startMs + count)).toEqual({
      isWithin: true,
      remaining: 150 - count,
      resetSeconds: startMs / 1_000 + 300,
    })
  }
  expect(uses.use('a', startMs + 299_999)).toMatchObject({ isWithin: false, remaining: 0 })
  expect(uses.use('a', startMs + 300_000)).toMatchObject({ isWithin: true, remaining: 149 })
})

test('each token has its own', () => {
  const uses = window()
  for (let count = 0; count < 200; count++) uses.use('a', startMs)
  expect(uses.use('a', startMs).isWithin).toBe(false)
  expect(uses.use('b', startMs)).toMatchObject({ isWithin: true, remaining: 149 })
})
