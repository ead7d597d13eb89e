import { expect, test } from 'vitest'
import { jwtAlgorithms } from './jwt-algorithms.ts'

test('each has a public key: neither HMAC nor none is among them', () => {
  expect(jwtAlgorithms.some((name) => name.startsWith('HS') || (name as string) === 'none')).toBe(false)
})
