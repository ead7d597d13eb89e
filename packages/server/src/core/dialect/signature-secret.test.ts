import { sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  makeEd25519Keys,
  makeHmacSecret,
  readEd25519PrivateKey,
  readEd25519PublicKey,
  readHmacSecret,
} from './signature-secret.ts'

const base64 = (length: number, fill = 7) => Buffer.alloc(length, fill).toString('base64')

describe('HMAC secrets', () => {
  test('what is made reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (random) => {
        expect(Buffer.from(readHmacSecret(makeHmacSecret(random))!).equals(random)).toBe(true)
      }),
    )
  })

  test.each([24, 33, 64])('an imported one may have %i bytes', (length) => {
    expect(readHmacSecret(`whsec_${base64(length)}`)).toHaveLength(length)
  })

  test.each([
    '',
    'whsec_',
    `whsec_${base64(23)}`,
    `whsec_${base64(65)}`,
    base64(32),
    `whsk_${base64(32)}`,
    `WHSEC_${base64(32)}`,
    `whsec_${base64(32).replace('=', '')}`,
    `whsec_${base64(32)} `,
    `whsec_ ${base64(32)}`,
    `whsec_${Buffer.alloc(33, 0xfb).toString('base64url')}`,
  ])('%j is none', (text) => {
    expect(readHmacSecret(text)).toBeUndefined()
  })
})

describe('Ed25519 keys', () => {
  // RFC 8032 §7.1, TEST 2.
  const seed = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex')
  const publicBytes = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex')
  const keys = makeEd25519Keys(seed)

  test('a pair is the seed and its public key', () => {
    expect(keys.publicKey).toBe(`whpk_${publicBytes.toString('base64')}`)
    expect(keys.privateKey).toBe(`whsk_${Buffer.concat([seed, publicBytes]).toString('base64')}`)
  })

  test('both spellings of a private key read as the same pair', () => {
    for (const text of [keys.privateKey, `whsk_${seed.toString('base64')}`]) {
      const read = readEd25519PrivateKey(text)!
      expect(read.keys).toEqual(keys)
      const signature = sign(null, Buffer.from('72', 'hex'), read.key)
      expect(signature.toString('hex')).toMatch(/^92a009a9f0d4cab8720e820b5f642540/)
      expect(verify(null, Buffer.from('72', 'hex'), readEd25519PublicKey(keys.publicKey)!, signature)).toBe(true)
    }
  })

  test.each([
    '',
    'whsk_',
    keys.publicKey,
    `whsk_${base64(31)}`,
    `whsk_${base64(33)}`,
    `whsk_${Buffer.concat([seed, Buffer.alloc(32)]).toString('base64')}`,
  ])('%j is no private key', (text) => {
    expect(readEd25519PrivateKey(text)).toBeUndefined()
  })

  test.each(['', 'whpk_', keys.privateKey, `whpk_${base64(31)}`])('%j is no public key', (text) => {
    expect(readEd25519PublicKey(text)).toBeUndefined()
  })
})
