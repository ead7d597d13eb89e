import { expect, test } from 'vitest'
import { deriveServerKeys } from './master-key.ts'
import { lockedSecrets } from './master-key-check.ts'
import { makeSealer } from './sealer.ts'

const keysOf = (...bytes: [number, ...number[]]) =>
  deriveServerKeys(bytes.map((byte) => Buffer.alloc(32, byte)) as [Buffer, ...Buffer[]])
const secret = (sealed: string) => ({
  ...{ algorithm: 'hmac-sha256' as const, sealed, publicKey: null, createdAt: '', expiresAt: null },
})

test('subscriptions whose secrets no key opens are counted, of those that sign', () => {
  const seal = (byte: number, id: string) => secret(makeSealer(keysOf(byte).sealing).seal('whsec_x', id))
  const subscriptions = [
    { id: 'sub_1', secrets: [seal(1, 'sub_1')] },
    { id: 'sub_2', secrets: [seal(2, 'sub_2')] },
    { id: 'sub_3', secrets: [seal(2, 'sub_3'), seal(1, 'sub_3')] },
    { id: 'sub_4', secrets: [] },
  ]
  expect(lockedSecrets(subscriptions, keysOf(2))).toEqual({ locked: 2, all: 3 })
  expect(lockedSecrets(subscriptions, keysOf(2, 1))).toEqual({ locked: 0, all: 3 })
  expect(lockedSecrets(subscriptions, keysOf(3))).toEqual({ locked: 3, all: 3 })
})

test('a secret that was sealed for another record does not open', () => {
  const moved = makeSealer(keysOf(1).sealing).seal('whsec_x', 'sub_1')
  expect(lockedSecrets([{ id: 'sub_2', secrets: [secret(moved)] }], keysOf(1))).toEqual({ locked: 1, all: 1 })
})
