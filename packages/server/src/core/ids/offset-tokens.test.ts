import { expect, test } from 'vitest'
import { encodeOffset } from './offset.ts'
import { offsetTokens } from './offset-tokens.ts'

test('each token is that of its topic and its log', () => {
  const offsetOf = offsetTokens(7)
  for (const [topic, position] of [
    ['invoices', 1],
    ['orders', 1],
    ['invoices', 2],
  ] as const) {
    expect(offsetOf({ topic, position })).toBe(encodeOffset({ epoch: 7, topic, position }))
  }
  expect(offsetTokens(8)({ topic: 'invoices', position: 1 })).not.toBe(offsetOf({ topic: 'invoices', position: 1 }))
})
