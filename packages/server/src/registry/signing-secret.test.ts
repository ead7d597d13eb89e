import { expect, test } from 'vitest'
import { readHmacSecret } from '../core/dialect/signature-secret.ts'
import { ManualClock } from '../core/time/clock.ts'
import { makeSigningSecret, SigningSecrets } from './signing-secret.ts'

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

test('each dialect has its form, the time is now, and the secret is sealed for its subscription', () => {
  const secrets = new SigningSecrets({
    forms: new Map([['own', { secret: () => 'its own' }]]),
    sealer: { seal: (text, id) => `${text} for ${id}` },
    ...{ clock: new ManualClock(), random: (bytes: number) => new Uint8Array(bytes) },
  })
  expect(secrets.make('own', { algorithm: 'hmac-sha256' }, 'sub_1')).toMatchObject({
    shown: 'its own',
    records: [{ sealed: 'its own for sub_1', createdAt: '2026-01-01T00:00:00.000Z' }],
  })
  expect(secrets.make('another', { algorithm: 'hmac-sha256' }, 'sub_1')).toEqual({ shown: null, records: [] })
})
