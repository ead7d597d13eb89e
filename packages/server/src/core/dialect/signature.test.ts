import { verify } from 'node:crypto'
import fc from 'fast-check'
import * as standardWebhooks from 'standardwebhooks'
import * as svix from 'svix'
import { describe, expect, test } from 'vitest'
import type { LiveSecret } from './dialect.ts'
import { hmac, webhookHeaders } from './signature.ts'
import { makeEd25519Keys, makeHmacSecret, readEd25519PublicKey } from './signature-secret.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const shared = (random: Uint8Array): LiveSecret => ({ algorithm: 'hmac-sha256', secret: makeHmacSecret(random) })
const receivers = {
  standardwebhooks: (secret: string) => new standardWebhooks.Webhook(secret),
  svix: (secret: string) => new svix.Webhook(secret),
}

// The receivers' libraries compare the timestamp with the real clock.
const nowMs = Date.now()

function headersOf(secrets: readonly LiveSecret[], body: string): Record<string, string> {
  return Object.fromEntries(webhookHeaders(secrets, 'dlv_1', nowMs, body))
}

/** Ed25519 with nothing but the text of the public key, the id and timestamp headers, and the body. */
function verifiesV1a(publicKey: string, headers: Record<string, string>, body: string): boolean {
  const key = readEd25519PublicKey(publicKey)!
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
  return headers['webhook-signature']!.split(' ')
    .filter((each) => each.startsWith('v1a,'))
    .some((each) => verify(null, signed, key, Buffer.from(each.slice(4), 'base64')))
}

describe.each(Object.entries(receivers))('%s', (_name, receiver) => {
  test('verifies v1, whatever the body', () => {
    fc.assert(
      fc.property(bytes(32), fc.string({ unit: 'grapheme' }), (random, text) => {
        const secret = shared(random)
        const body = JSON.stringify({ text })
        const raw = Buffer.from(body, 'utf8')
        expect(() => receiver(secret.secret).verify(raw, headersOf([secret], body))).not.toThrow()
      }),
    )
  })

  test('refuses a changed body, id, timestamp and secret', () => {
    const secret = shared(new Uint8Array(32).fill(1))
    const body = '{"total":1}'
    const headers = headersOf([secret], body)
    const receive = receiver(secret.secret)
    expect(() => receive.verify('{"total":2}', headers)).toThrow()
    expect(() => receive.verify(body, { ...headers, 'webhook-id': 'dlv_2' })).toThrow()
    const later = String(Number(headers['webhook-timestamp']) + 1)
    expect(() => receive.verify(body, { ...headers, 'webhook-timestamp': later })).toThrow()
    expect(() => receiver(shared(new Uint8Array(32).fill(2)).secret).verify(body, headers)).toThrow()
  })

  test('verifies with either secret of a rotation, and beside an Ed25519 key', () => {
    const current = shared(new Uint8Array(32).fill(1))
    const former = shared(new Uint8Array(32).fill(2))
    const keys = makeEd25519Keys(new Uint8Array(32).fill(3))
    const body = '{"name":"Þórðr ehf. 株式会社 😀"}'
    const headers = headersOf([{ algorithm: 'ed25519', secret: keys.privateKey }, current, former], body)
    expect(headers['webhook-signature']).toMatch(/^v1a,[^ ,]+ v1,[^ ,]+ v1,[^ ,]+$/)
    for (const { secret } of [current, former]) expect(() => receiver(secret).verify(body, headers)).not.toThrow()
    expect(verifiesV1a(keys.publicKey, headers, body)).toBe(true)
  })
})

test('v1a verifies with the public key alone, and with no other', () => {
  fc.assert(
    fc.property(bytes(32), bytes(32), fc.string({ unit: 'grapheme' }), (seed, otherSeed, body) => {
      fc.pre(!Buffer.from(seed).equals(otherSeed))
      const keys = makeEd25519Keys(seed)
      const headers = headersOf([{ algorithm: 'ed25519', secret: keys.privateKey }], body)
      expect(verifiesV1a(keys.publicKey, headers, body)).toBe(true)
      expect(verifiesV1a(keys.publicKey, headers, `${body} `)).toBe(false)
      expect(verifiesV1a(makeEd25519Keys(otherSeed).publicKey, headers, body)).toBe(false)
    }),
  )
})

test('the timestamp is whole seconds, and there is no signature without a secret', () => {
  expect(webhookHeaders([], 'dlv_1', 1_514_469_556_999, '')).toEqual([
    ['webhook-id', 'dlv_1'],
    ['webhook-timestamp', '1514469556'],
  ])
})

test('a stored secret of another form fails without being told', () => {
  for (const algorithm of ['hmac-sha256', 'ed25519'] as const) {
    const attempt = () => webhookHeaders([{ algorithm, secret: 'hunter2' }], 'dlv_1', nowMs, '')
    expect(attempt).toThrow(/stored signing/)
    expect(attempt).not.toThrow(/hunter2/)
  }
})

// RFC 4231, test case 2; the base64 is that hex.
test('hmac takes the secret as text', () => {
  const sha256 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  const sha512 =
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737'
  const text = 'what do ya want for nothing?'
  expect(hmac('sha256', 'Jefe', text, 'hex')).toBe(sha256)
  expect(hmac('sha512', 'Jefe', text, 'hex')).toBe(sha512)
  expect(hmac('sha512', 'Jefe', text, 'base64')).toBe(Buffer.from(sha512, 'hex').toString('base64'))
})
