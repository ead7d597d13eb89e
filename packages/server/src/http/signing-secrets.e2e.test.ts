import { expect, test } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../dialects/live-fixture.ts'

async function start() {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 1 })
  const call = (method: string, path: string, body?: unknown) =>
    server.call(method, path, { token, ...(body === undefined ? {} : { body }) })
  const subscribe = (more: object = {}) =>
    call('POST', '/v1/subscriptions', { endpoint: { url: receiver.url }, types: ['invoice.*'], ...more })
  return { server, receiver, call, subscribe }
}

test('an Ed25519 subscription shows its public key always, and nothing as its secret', async () => {
  const { call, subscribe } = await start()
  const made = await subscribe({ signature: 'ed25519' })
  expect(made.json.signingPublicKey).toMatch(/^whpk_/)
  expect(made.json).not.toHaveProperty('signingSecret')
  expect((await call('GET', `/v1/subscriptions/${made.json.id}`)).json).toMatchObject({
    signature: 'ed25519',
    signingPublicKey: made.json.signingPublicKey,
  })
  const rotated = await call('POST', `/v1/subscriptions/${made.json.id}/rotate-secret`, {})
  expect(rotated.status).toBe(200)
  expect(Object.keys(rotated.json)).toEqual(['signingPublicKey'])
  expect(rotated.json.signingPublicKey).not.toBe(made.json.signingPublicKey)
})
