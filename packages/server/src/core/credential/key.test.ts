import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newId } from '../ids/id.ts'
import { hashSecret, keyRandomBytes, makeKey, readKey, secretKinds } from './key.ts'

const random = fc.uint8Array({ minLength: keyRandomBytes, maxLength: keyRandomBytes })

describe('keys', () => {
  it('have one shape for every kind, and say their kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...secretKinds), random, (kind, bytes) => {
        const key = makeKey(kind, bytes)
        expect(key).toMatch(/^tid_[a-z]+_[0-9A-Za-z]{27}_[0-9A-Za-z]{6}$/)
        expect(readKey(key)).toEqual({ kind })
      }),
    )
  })

  it('are told from the same key with one character changed', () => {
    fc.assert(
      fc.property(random, fc.nat(100), fc.constantFrom('a', 'Z', '0', '_'), (bytes, at, character) => {
        const key = makeKey('pub', bytes)
        const index = at % key.length
        const mistyped = key.slice(0, index) + character + key.slice(index + 1)
        expect(readKey(mistyped)).toEqual(mistyped === key ? { kind: 'pub' } : undefined)
      }),
    )
  })

  it('keep every bit of their randomness', () => {
    const ones = new Uint8Array(keyRandomBytes).fill(255)
    const almost = ones.slice()
    almost[0] = 254
    expect(makeKey('at', ones)).not.toBe(makeKey('at', almost))
    expect(() => makeKey('at', new Uint8Array(8))).toThrow(RangeError)
  })

  it('are not what an imported secret looks like', () => {
    for (const text of ['', '6565df', 'tid_pub_', 'tid_pub_abc_def']) expect(readKey(text)).toBeUndefined()
  })

  it('hash under a pepper as HMAC-SHA256 does (RFC 4231, case 2)', () => {
    expect(hashSecret('what do ya want for nothing?', Buffer.from('Jefe'))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })
})

describe('ids', () => {
  it('sort by the time they were made', () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(fc.nat(4e12), fc.nat(1e6), bytes, bytes, (ms, later, a, b) => {
        expect(newId('sub', ms, a) < newId('sub', ms + 1 + later, b)).toBe(true)
      }),
    )
  })
})

it('no two texts have one hash, though neither is UTF-8', () => {
  const pepper = Buffer.alloc(32, 1)
  const hashes = ['a\ud800', 'a\udc00', 'a\ufffd', 'a\ud800\ud800', 'a', '\0"a\\ud800"'.slice(1)].map((text) =>
    hashSecret(text, pepper),
  )
  expect(new Set(hashes).size).toBe(hashes.length)
})
