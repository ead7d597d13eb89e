import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminKey, nativeRoutes, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const bearer = (key: string) => `Bearer ${key}`
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

describe('H07 a key that does not hold', () => {
  test('is refused in one way, whatever is wrong with it', async () => {
    const token = async (tenantId: number, more: object = {}) =>
      (await world.operate('POST', `/v1/integrations/${world.ours.id}/tokens`, { tenantId, ...more })).json
    const revoked = await token(101)
    await world.operate('DELETE', `/v1/integrations/${world.ours.id}/tokens/${revoked.id}`)
    await world.operate('POST', '/v1/tenants', { id: 404 })
    const orphaned = await token(404)
    await world.operate('DELETE', '/v1/tenants/404')
    const gone = (await world.operate('POST', '/v1/integrations', { name: 'Gone' })).json
    await world.operate('DELETE', `/v1/integrations/${gone.id}`)
    const key = (await world.operate('POST', '/v1/keys', { kind: 'pub' })).json
    await world.operate('DELETE', `/v1/keys/${key.id}`)
    const expired = await token(101, { expiresAt: '2020-01-01T00:00:00Z' }).catch(() => null)

    const credentials: (string | null)[] = [
      null,
      'Bearer',
      'Bearer ',
      bearer('nonsense'),
      bearer(`${world.ours.accessToken}x`),
      bearer(world.ours.accessToken.slice(0, -1)),
      bearer(revoked.accessToken),
      bearer(orphaned.accessToken),
      bearer(key.key),
      basic(gone.clientId, gone.clientSecret),
      basic('int_x', 'sec'),
      basic('', ''),
      'Basic !!!',
      'Digest username="a"',
      // {"alg":"none"} and {}, unsigned.
      bearer('eyJhbGciOiJub25lIn0.e30.'),
      ...(expired ? [bearer(expired.accessToken)] : []),
    ]
    for (const path of [
      '/v1/topics/invoices/events',
      '/v1/stream',
      '/v1/topics',
      '/v1/subscriptions',
      '/v1/deliveries',
    ]) {
      const replies = await Promise.all(credentials.map((credential) => world.call('GET', path, credential)))
      expect(replies.map(({ status }) => status)).toEqual(credentials.map(() => 401))
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
      expect(replies[0]!.headers.get('www-authenticate')).not.toBeNull()
    }
  })
})

describe('H08 a key in a URL', () => {
  test.each(['key', 'token', 'access_token', 'apikey', 'api_key', 'Authorization', 'clientSecret', 'client_secret'])(
    '?%s=',
    async (name) => {
      for (const path of ['/v1/topics/invoices/events', '/v1/stream', '/v1/subscriptions', '/v1/tenants']) {
        const url = `${path}?${name}=${encodeURIComponent(world.ours.accessToken)}`
        expect((await world.call('GET', url, null)).status).toBeOneOf([400, 401])
        const reply = await world.call('GET', url, bearer(adminKey))
        expect(reply.status).toBeOneOf([400, 422])
        expect(reply.text).not.toContain(world.ours.accessToken)
      }
    },
  )
})

describe('H58 a key on a route that is not for its kind', () => {
  test.each([
    ['POST', '/v1/tenants', { id: 1 }],
    ['GET', '/v1/tenants', undefined],
    ['POST', '/v1/integrations', { name: 'x' }],
    ['POST', '/v1/keys', { kind: 'admin' }],
    ['GET', '/v1/keys', undefined],
    ['POST', '/v1/event-types', {}],
    ['POST', '/v1/backup', { directory: '/tmp/x' }],
  ])('%s %s is the operator’s', async (method, path, body) => {
    for (const credential of [bearer(world.publisherKey), bearer(world.ours.accessToken), world.ours.basic]) {
      expect((await world.call(method, path, credential, body)).status).toBe(403)
    }
  })

  test('a portal’s key looks after the subscriptions of its integration, and does nothing else', async () => {
    const make = (integrationId: string, more: object = {}) =>
      world.operate('POST', '/v1/keys', { kind: 'portal', integrationId, ...more })
    const { key, id } = (await make(world.ours.id)).json
    const portal = bearer(key)
    const draft = { endpoint: { url: 'http://127.0.0.1:9/' }, types: ['*'] }
    const ours = (await world.call('POST', '/v1/subscriptions', world.ours.basic, draft)).json.id
    const theirs = (await world.call('POST', '/v1/subscriptions', world.theirs.basic, draft)).json.id
    const may = [
      ['GET', '/v1/subscriptions'],
      ['GET', `/v1/subscriptions/${ours}`],
      ['GET', `/v1/subscriptions/${ours}/stats`],
      ['POST', `/v1/subscriptions/${ours}/test`],
      ['POST', `/v1/subscriptions/${ours}/disable`],
      ['POST', `/v1/subscriptions/${ours}/enable`],
      ['GET', '/v1/deliveries'],
      ['GET', '/v1/resends'],
      ['GET', '/v1/event-types'],
    ] as const
    for (const [method, path] of may) {
      const reply = await world.call(method, path, portal)
      expect([method, path, reply.status]).toEqual([method, path, 200])
      expect(reply.text).not.toContain(theirs)
    }
    const routes = await nativeRoutes(world)
    const allowed = [
      ...may.map(([method, path]) => `${method} ${path.replace(ours, '{id}')}`),
      'GET /v1/event-types/{type}',
      'GET /v1/event-types/{type}/samples',
      'GET /v1/deliveries/{id}',
      'GET /v1/deliveries/{id}/attempts',
      'POST /v1/deliveries/{id}/resend',
      'POST /v1/deliveries/resend',
      'GET /v1/resends/{id}',
      'POST /v1/resends/{id}/cancel',
      'GET /v1/deliveries/{id}/request',
      'GET /v1/series',
      'GET /v1/series/health',
      'GET /v1/overview',
      // Of whoever signs in, with whatever it may sign in with.
      'POST /v1/session',
      'GET /v1/session',
      'DELETE /v1/session',
      'GET /v1/appearance',
    ]
    for (const { method, path } of routes) {
      const url = path.replace('{id}', ours).replace(/\{\w+\}/, 'invoices')
      const { status } = await world.call(method, url, portal)
      const place = `${method} ${path}`
      if (!allowed.includes(place)) expect([place, status]).toEqual([place, 403])
      else expect([place, status]).not.toEqual([place, 403])
    }
    for (const path of ['', '/stats']) {
      expect((await world.call('GET', `/v1/subscriptions/${theirs}${path}`, portal)).status).toBe(404)
    }
    expect((await world.call('POST', `/v1/subscriptions/${theirs}/disable`, portal)).status).toBe(404)
    // Other interfaces take it for no credential at all.
    for (const path of ['/api/v2/administrations', '/webhooks.json']) {
      expect((await world.call('GET', path, portal)).status).toBe(401)
    }
    expect((await world.operate('GET', '/v1/audit')).json.items[0]).toMatchObject({
      by: { kind: 'portal', id: world.ours.id },
    })
    await world.operate('DELETE', `/v1/keys/${id}`)
    expect((await world.call('GET', '/v1/subscriptions', portal)).status).toBe(401)
    const past = new Date(Date.now() - 1_000).toISOString()
    const late = { kind: 'portal', integrationId: world.ours.id, expiresAt: past }
    expect((await world.call('POST', '/v1/keys', bearer(adminKey), late)).status).toBe(422)
  })

  test('publishing is not for integrators', async () => {
    const event = { tenantId: 101, type: 'invoice.updated', entityId: '1' }
    for (const credential of [bearer(world.ours.accessToken), world.ours.basic]) {
      expect((await world.call('POST', '/v1/events', credential, event)).status).toBe(403)
    }
  })

  test('subscriptions are not for publishers', async () => {
    expect((await world.call('GET', '/v1/subscriptions', bearer(world.publisherKey))).status).toBe(403)
  })
})

describe('H64 what a client says of its address', () => {
  test('is believed by nobody', async () => {
    const strict = await startWorld({ wrongKeysPerMinute: '3' })
    try {
      const statuses: number[] = []
      for (let index = 0; index < 6; index++) {
        const response = await fetch(`${strict.server.url}/v1/topics`, {
          headers: {
            authorization: 'Bearer wrong',
            'x-forwarded-for': Array.from({ length: 100 }, (_, hop) => `10.0.${index}.${hop}`).join(', '),
            'x-forwarded-host': 'evil.example',
            'x-forwarded-proto': 'https',
            forwarded: `for=10.0.0.${index}`,
            'x-real-ip': `10.0.0.${index}`,
          },
        })
        statuses.push(response.status)
        const text = await response.text()
        expect(text).not.toContain('evil.example')
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429, 429])
    } finally {
      await strict.close()
    }
  })
})
