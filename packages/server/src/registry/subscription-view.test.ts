import { expect, test } from 'vitest'
import type { Endpoint, EndpointAuth, SigningSecret } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { subscriptionView } from './subscription-view.ts'

const sealed = 'v1.sealed'
const { endpoint } = sampleSubscription('standard')
const secret: SigningSecret = {
  ...{ algorithm: 'hmac-sha256', sealed, publicKey: null, createdAt: '2026-01-01T00:00:00Z', expiresAt: null },
}
const withEndpoint = (rest: Partial<Endpoint>) =>
  subscriptionView(sampleSubscription('standard', { endpoint: { ...endpoint, ...rest }, secrets: [secret] }))

test.each<[EndpointAuth, object]>([
  [
    { type: 'basic', username: 'me', password: sealed },
    { type: 'basic', username: 'me' },
  ],
  [{ type: 'bearer', token: sealed }, { type: 'bearer' }],
  [
    { type: 'oauth2', tokenUrl: 'https://example.com/token', clientId: 'c', clientSecret: sealed, scope: null },
    { type: 'oauth2', tokenUrl: 'https://example.com/token', clientId: 'c', scope: null },
  ],
])('credentials are shown without what is secret: %j', (auth, shown) => {
  const view = withEndpoint({ auth, headers: sealed, headerNames: ['X-Key'], tls: sealed })
  expect(view.endpoint).toEqual({
    ...{ url: endpoint.url, headerNames: ['X-Key'], auth: shown, tls: true, timeoutSeconds: 15 },
  })
  expect(JSON.stringify(view)).not.toContain(sealed)
})

test.each([
  [{ kind: 'granted' as const }, 'granted'],
  [{ kind: 'subtree' as const, tenantId: 7 }, { subtree: 7 }],
  [{ kind: 'list' as const, tenantIds: [7, 8] }, [7, 8]],
])('tenants are shown as they are asked for: %j', (tenants, shown) => {
  expect(subscriptionView(sampleSubscription('standard', { tenants })).tenants).toEqual(shown)
})

test('the public key of the current secret is shown, not that of one which is being replaced', () => {
  const before = { ...secret, algorithm: 'ed25519' as const, publicKey: 'whpk_old', expiresAt: '2026-02-01T00:00:00Z' }
  const now = { ...secret, algorithm: 'ed25519' as const, publicKey: 'whpk_new' }
  const shown = (secrets: SigningSecret[]) => subscriptionView(sampleSubscription('standard', { secrets }))
  expect(shown([now, before])).toMatchObject({ signature: 'ed25519', signingPublicKey: 'whpk_new' })
  expect(shown([secret])).not.toHaveProperty('signingPublicKey')
  expect(shown([])).toMatchObject({ signature: null })
})

test('what was asked for is shown as it can be sent again', () => {
  const view = subscriptionView(
    sampleSubscription('standard', { filter: '{"status":["paid"]}', retryDelaysSeconds: [1, 2], boundTenantId: 7 }),
  )
  expect(view).toMatchObject({ filter: { status: ['paid'] }, retry: { delaysSeconds: [1, 2] }, tenantId: 7 })
  expect(subscriptionView(sampleSubscription('standard'))).toMatchObject({ filter: null, retry: null, tenantId: null })
})
