import { expect, test } from 'vitest'
import { readHmacSecret } from '../core/dialect/signature-secret.ts'
import { makeSigningSecret } from './signing-secret.ts'

const make = (given: Partial<Parameters<typeof makeSigningSecret>[0]> = {}) =>
  makeSigningSecret({
    ...{ form: 'standard', algorithm: 'hmac-sha256', nowText: '2026-01-01T00:00:00Z' },
    random: (bytes) => new Uint8Array(bytes).fill(7),
    seal: (text) => `sealed ${text}`,
    ...given,
  })

test('of the standard form it is shown once, and kept sealed', () => {
  const { shown, records } = make()
  expect([...readHmacSecret(shown!)!].every((byte) => byte === 7)).toBe(true)
  expect(records).toEqual([
    {
      ...{ algorithm: 'hmac-sha256', sealed: `sealed ${shown}`, publicKey: null },
      ...{ createdAt: '2026-01-01T00:00:00Z', expiresAt: null },
    },
  ])
})

test('one that the integrator brings along is used as it is', () => {
  expect(make({ imported: 'whsec_abc' })).toMatchObject({
    shown: 'whsec_abc',
    records: [{ sealed: 'sealed whsec_abc' }],
  })
})

test('of Ed25519 the integrator is shown nothing, and the record has the public key', () => {
  const { shown, records } = make({ algorithm: 'ed25519' })
  expect(shown).toBeNull()
  expect(records[0]).toMatchObject({
    sealed: expect.stringMatching(/^sealed whsk_/),
    publicKey: expect.stringMatching(/^whpk_/),
  })
})

test('a dialect has a form of its own, or signs nothing', () => {
  expect(make({ form: (random) => `own ${random(2).length}` })).toMatchObject({
    shown: 'own 2',
    records: [{ sealed: 'sealed own 2' }],
  })
  expect(make({ form: 'none' })).toEqual({ shown: null, records: [] })
})
