import { expect, test } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { makeSealer } from '../sealer.ts'
import { Secrets } from './secrets.ts'

const secrets = new Secrets(makeSealer([{ id: new Uint8Array(4), key: new Uint8Array(32) }]), new ManualClock())

test('a signing secret is sealed for its record, and signs until it is replaced', () => {
  const secret = secrets.signing('a key', 'sub_1')
  const { sealed, ...rest } = secret
  expect(rest).toEqual({
    ...{ algorithm: 'hmac-sha256', publicKey: null, createdAt: '2026-01-01T00:00:00.000Z', expiresAt: null },
  })
  expect(secrets.unseal(sealed, 'sub_1')).toBe('a key')
})

test('what was sealed for one use is opened by no other', () => {
  const sealed = secrets.seal('a text', 'sessions')
  expect(secrets.unseal(sealed, 'sessions')).toBe('a text')
  expect(() => secrets.unseal(sealed, 'sub_1')).toThrow(expect.objectContaining({ code: 'invalid_configuration' }))
})
