import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../dialects/fixtures/live.ts'

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

describe('a signing secret that is brought along', () => {
  test.each(['standard', 'cloudevents'])('signs from the first delivery on, and is shown once: %s', async (dialect) => {
    const { server, receiver, call, subscribe } = await start()
    // CloudEvents asks for consent first.
    receiver.answer = ({ method }) =>
      method === 'OPTIONS' ? { status: 200, headers: { 'webhook-allowed-origin': '*' } } : { status: 204 }
    const signingSecret = `whsec_${Buffer.alloc(24, 0xa5).toString('base64')}`
    const made = await subscribe({ signingSecret, dialect })
    if (dialect === 'cloudevents') await receiver.next()
    expect(made).toMatchObject({ status: 201, json: { signingSecret, signature: 'hmac-sha256' } })
    for (const path of [`/v1/subscriptions/${made.json.id}`, '/v1/subscriptions']) {
      expect(JSON.stringify((await call('GET', path)).json)).not.toContain(signingSecret.slice(6))
    }
    await server.operate('POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: '1' })
    const { headers, body } = await receiver.next()
    expect(() => new Webhook(signingSecret).verify(body, headers as Record<string, string>)).not.toThrow()

    const rotated = await call('POST', `/v1/subscriptions/${made.json.id}/rotate-secret`, {})
    expect(rotated.json.signingSecret).not.toBe(signingSecret)
    await server.operate('POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: '2' })
    const later = await receiver.next()
    for (const secret of [signingSecret, rotated.json.signingSecret]) {
      expect(() => new Webhook(secret).verify(later.body, later.headers as Record<string, string>)).not.toThrow()
    }
  })

  test('is refused where it could not sign, without being repeated', async () => {
    const { call, subscribe } = await start()
    const signingSecret = `whsec_${Buffer.alloc(24, 0xa5).toString('base64')}`
    const bad = [
      { signingSecret: 'whsec_c2hvcnQ=' },
      { signingSecret: signingSecret.slice(6) },
      { signingSecret, signature: 'ed25519' },
      ...['tripletex', 'moneybird', 'fakturownia', 'visma-business-nxt'].map((dialect) => ({ signingSecret, dialect })),
    ]
    for (const more of bad) {
      const { status, json } = await subscribe({ types: ['*'], ...more })
      expect([status, json.errors[0].pointer]).toEqual([422, '/signingSecret'])
      expect(JSON.stringify(json)).not.toContain(signingSecret.slice(6))
    }
    const made = await subscribe()
    const changed = await call('PATCH', `/v1/subscriptions/${made.json.id}`, { signingSecret })
    expect(changed.status).toBe(422)
  })
})

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
