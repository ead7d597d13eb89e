import { expect, test } from 'vitest'
import type { Registration } from '../core/registry/registration.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { Consents, consentDigest, isAwaited, type Receivers } from './consents.ts'

const nowMs = Date.parse('2026-01-01T00:00:00Z')
const subscription = sampleSubscription('cloudevents')
const pending: Registration = { kind: 'pending' }

function consentsOf(register: Receivers['register']) {
  let count = 0
  return new Consents({
    receivers: { register },
    random: (bytes) => new Uint8Array(bytes).fill(++count),
    nowMs: () => nowMs,
  })
}

test('a receiver that may consent later is offered a key, and the record keeps its digest for a week', async () => {
  let key = ''
  const consents = consentsOf(async (_subscription, _before, offer) => {
    key = offer()
    return pending
  })
  const { result, early } = await consents.during((ask) => ask(subscription, null))
  expect(key).toMatch(/^[\w-]{43}$/)
  expect(result).toEqual({
    kind: 'pending',
    consent: { digest: consentDigest(key), expiresAt: '2026-01-08T00:00:00.000Z' },
  })
  expect(early).toEqual([])
})

test('a consent that comes while the receiver is asked is handed back with the result, and only once', async () => {
  let key = ''
  const consents = consentsOf(async (_subscription, _before, offer) => {
    key = offer()
    return pending
  })
  const { early } = await consents.during(async (ask) => {
    await ask(subscription, null)
    expect(consents.note(consentDigest('another'), {})).toBe(false)
    expect(consents.note(consentDigest(key), { ratePerSecond: 2 })).toBe(true)
  })
  expect(early).toEqual([{ subscriptionId: 'sub_1', digest: consentDigest(key), terms: { ratePerSecond: 2 } }])
  expect(consents.note(consentDigest(key), {})).toBe(false)
})

test('what failed leaves no question open', async () => {
  let key = ''
  const consents = consentsOf(async (_subscription, _before, offer) => {
    key = offer()
    return pending
  })
  const failing = consents.during(async (ask) => {
    await ask(subscription, null)
    throw new Error('the disk is full')
  })
  await expect(failing).rejects.toThrow('the disk is full')
  expect(consents.note(consentDigest(key), {})).toBe(false)
})

test('a receiver that refuses is told of as a fault of the URL', async () => {
  const consents = consentsOf(async () => ({
    kind: 'refused',
    code: 'origin_refused',
    detail: 'It does not want them.',
  }))
  await expect(consents.during((ask) => ask(subscription, null))).rejects.toMatchObject({
    ...{ code: 'invalid_request', errors: [{ pointer: '/endpoint/url', code: 'origin_refused' }] },
  })
})

test('one who agreed at once is asked nothing more', async () => {
  const consents = consentsOf(async () => ({ kind: 'agreed', ratePerSecond: 3 }))
  expect((await consents.during((ask) => ask(subscription, null))).result).toEqual({ kind: 'agreed', ratePerSecond: 3 })
})

test.each([
  ['the key that was offered, in time', 'key', nowMs - 1, true],
  ['a wrong key', 'other', nowMs - 1, false],
  ['at the moment of its end', 'key', nowMs, false],
])('%s', (_, key, atMs, expected) => {
  const awaited = { digest: consentDigest('key'), expiresAt: new Date(nowMs).toISOString() }
  expect(isAwaited(awaited, consentDigest(key), atMs)).toBe(expected)
})

test('nothing is awaited where nothing was asked', () => {
  expect(isAwaited(undefined, consentDigest('key'), nowMs)).toBe(false)
})
