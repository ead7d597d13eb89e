import { expect, test } from 'vitest'
import type { Endpoint, EndpointAuth, SigningSecret } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeSealer } from './sealer.ts'
import { createUnsealer } from './unsealer.ts'

const sealer = makeSealer([{ id: new Uint8Array(4), key: new Uint8Array(32) }])
const seal = (text: string) => sealer.seal(text, 'sub_1')
const nowMs = Date.parse('2026-01-01T00:00:00Z')
const { endpoint } = sampleSubscription('standard')

function opening(rest: Partial<Endpoint> = {}, secrets: SigningSecret[] = []) {
  let opened = 0
  const counting = {
    ...sealer,
    unseal: (...given: [string, string]) => {
      opened += 1
      return sealer.unseal(...given)
    },
  }
  const subscription = sampleSubscription('standard', { endpoint: { ...endpoint, ...rest }, secrets })
  return { unsealer: createUnsealer(counting), subscription, count: () => opened }
}

const secret = (text: string, expiresAt: string | null): SigningSecret => ({
  ...{ algorithm: 'hmac-sha256', sealed: seal(text), publicKey: null, createdAt: '2025-01-01T00:00:00Z', expiresAt },
})

test('both secrets sign until the overlap ends, then the new one alone', () => {
  const { unsealer, subscription } = opening({}, [secret('new', null), secret('old', '2026-01-01T00:00:00Z')])
  const live = (atMs: number) => unsealer.liveSecrets(subscription, atMs).map((each) => each.secret)
  expect(live(nowMs - 1)).toEqual(['new', 'old'])
  expect(live(nowMs)).toEqual(['new'])
})

test.each<[string, EndpointAuth | null, string | null]>([
  [
    'basic',
    { type: 'basic', username: 'mé', password: seal('p:w') },
    `Basic ${Buffer.from('mé:p:w').toString('base64')}`,
  ],
  ['bearer', { type: 'bearer', token: seal('t') }, 'Bearer t'],
  ['none', null, null],
  [
    'OAuth2, whose token is fetched when it is needed',
    { type: 'oauth2', tokenUrl: 'https://example.com', clientId: 'c', clientSecret: seal('s'), scope: null },
    null,
  ],
])('the header of credentials: %s', (_, auth, expected) => {
  const { unsealer, subscription } = opening({ auth })
  expect(unsealer.authorization(subscription)).toBe(expected)
})

test('headers keep their order, and certificates are opened', () => {
  const { unsealer, subscription } = opening({
    headers: seal('[["B","2"],["A","1"]]'),
    tls: seal('{"certificate":"PEM"}'),
  })
  expect(unsealer.headers(subscription)).toEqual([
    ['B', '2'],
    ['A', '1'],
  ])
  expect(unsealer.tls(subscription)).toEqual({ certificate: 'PEM' })
  const plain = opening()
  expect([plain.unsealer.headers(plain.subscription), plain.unsealer.tls(plain.subscription)]).toEqual([[], null])
})

test('a record is opened once for all attempts, and anew when it changed', () => {
  const { unsealer, subscription, count } = opening({ auth: { type: 'bearer', token: seal('t') } }, [secret('a', null)])
  for (let attempt = 0; attempt < 3; attempt++) {
    unsealer.liveSecrets(subscription, nowMs)
    unsealer.authorization(subscription)
  }
  expect(count()).toBe(2)
  unsealer.authorization({ ...subscription, version: 2 })
  expect(count()).toBe(4)
})

test('the client secret is opened only where there is one', () => {
  const auth = { type: 'oauth2' as const, tokenUrl: 'https://example.com', clientId: 'c', scope: null }
  const { unsealer, subscription } = opening({ auth: { ...auth, clientSecret: seal('s') } })
  expect(unsealer.clientSecretOf(subscription)).toBe('s')
  expect(() => unsealer.clientSecretOf(sampleSubscription('standard'))).toThrow('sub_1 does not use OAuth2')
})
