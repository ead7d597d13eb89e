import { expect, test } from 'vitest'
import { makeSealer } from './sealer.ts'

const keyOf = (byte: number) => ({ id: new Uint8Array(4).fill(byte), key: new Uint8Array(32).fill(byte) })

test('the first key seals, and every key opens', () => {
  const before = makeSealer([keyOf(1)]).seal('a secret', 'sub_1')
  const rotated = makeSealer([keyOf(2), keyOf(1)])
  expect(rotated.unseal(before, 'sub_1')).toBe('a secret')
  const after = rotated.seal('another', 'sub_1')
  expect(makeSealer([keyOf(2)]).unseal(after, 'sub_1')).toBe('another')
  expect(() => makeSealer([keyOf(1)]).unseal(after, 'sub_1')).toThrow(/sub_1 cannot be opened/)
})

test('the same text never seals to the same, and opens in its own record alone', () => {
  const sealer = makeSealer([keyOf(1)])
  const sealed = sealer.seal('a secret', 'sub_1')
  expect(sealer.seal('a secret', 'sub_1')).not.toBe(sealed)
  expect(sealed).not.toContain('secret')
  expect(() => sealer.unseal(sealed, 'sub_2')).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
})
