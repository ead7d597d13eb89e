import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { ManualClock } from '../core/time/clock.ts'

const adminKey = 'operator-of-the-sessions-test'
const data = mkdtempSync(join(tmpdir(), 'tidings-sessions-'))
const clock = new ManualClock()
let server: RunningServer
let integration: { id: string; clientId: string; clientSecret: string }

const start = async (more: Record<string, string> = {}) => {
  const flags = { port: '0', data, adminKey, logLevel: 'silent', trustProxies: '127.0.0.0/8', ...more }
  server = await startServer(readConfig({ flags, env: {} }), { clock })
}
beforeAll(async () => {
  await start()
  await operate('POST', '/v1/tenants', { id: 1 })
  await operate('POST', '/v1/tenants', { id: 2 })
  integration = (await operate('POST', '/v1/integrations', { name: 'Payroll Sync' })).json
  await operate('POST', `/v1/integrations/${integration.id}/tokens`, { tenantId: 1 })
  await operate('POST', `/v1/integrations/${integration.id}/tokens`, { tenantId: 2 })
})
// The wrong keys of one test are not those of the next.
beforeEach(() => clock.advance(120_000))
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

type Headers = Record<string, string>

/** Not by `fetch`, which sets Sec-Fetch-Site itself and lets nobody set Host. */
async function call(method: string, path: string, headers: Headers = {}, body?: unknown) {
  const text = body === undefined ? '' : JSON.stringify(body)
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>()
  httpRequest(`${server.url}${path}`, {
    method,
    headers: { ...(text === '' ? {} : { 'content-type': 'application/json' }), ...headers },
  })
    .on('response', resolve)
    .on('error', reject)
    .end(text)
  const response = await promise
  const answer = Buffer.concat(await response.toArray()).toString()
  return {
    status: response.statusCode!,
    json: answer === '' ? null : JSON.parse(answer),
    cookies: response.headers['set-cookie'] ?? [],
  }
}
const operate = (method: string, path: string, body?: unknown) =>
  call(method, path, { authorization: `Bearer ${adminKey}` }, body)
const csrf = { 'x-tidings-session': '1' }

/** As a browser keeps it. */
function jarOf(cookies: readonly string[]): Headers {
  const kept = cookies.filter((cookie) => !cookie.includes('Max-Age=0')).map((cookie) => cookie.split(';')[0])
  return { cookie: kept.join('; ') }
}
async function signIn(body: object = { key: adminKey }, headers: Headers = {}): Promise<Headers> {
  const { status, cookies } = await call('POST', '/v1/session', headers, body)
  expect(status).toBe(204)
  return jarOf(cookies)
}
const openPortal = async (more: object = {}): Promise<string> => {
  const { status, json } = await operate('POST', '/v1/portal-links', { integrationId: integration.id, ...more })
  expect(status).toBe(201)
  return json.url.split('#')[1]
}

describe('signing in', () => {
  test('by the key of the operator sets a cookie that no script reads and no other site sends', async () => {
    const { status, cookies } = await call('POST', '/v1/session', {}, { key: adminKey })
    expect(status).toBe(204)
    expect(cookies).toEqual([
      'tidings-portal=; Path=/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age=0',
      expect.stringMatching(/^tidings=v1\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3600$/),
    ])
    const { json } = await call('GET', '/v1/session', jarOf(cookies))
    expect(json).toEqual({
      kind: 'operator',
      may: ['operate', 'publish', 'read', 'subscribe'],
      expiresAt: new Date(clock.now() + 3_600_000).toISOString(),
    })
    expect((await call('GET', '/v1/tenants', jarOf(cookies))).status).toBe(200)
  })

  test('over https the cookie is bound to the host', async () => {
    const https = { host: 'hooks.example.com', 'x-forwarded-proto': 'https', origin: 'https://hooks.example.com' }
    const { cookies } = await call('POST', '/v1/session', https, { key: adminKey })
    expect(cookies[1]).toMatch(/^__Host-tidings=v1\.[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=3600$/)
    const jar = jarOf(cookies)
    expect((await call('GET', '/v1/session', { ...https, ...jar })).status).toBe(200)
    // A name without the prefix can be set by any host of the domain.
    const tossed = { cookie: jar.cookie!.replace('__Host-', '') }
    expect((await call('GET', '/v1/session', { ...https, ...tossed })).status).toBe(401)
  })

  test('every kind of key gives its own rights', async () => {
    const { clientId, clientSecret, id: integrationId } = integration
    const publisher = await operate('POST', '/v1/keys', { kind: 'pub' })
    const portal = await operate('POST', '/v1/keys', { kind: 'portal', integrationId })
    const token = await operate('POST', `/v1/integrations/${integrationId}/tokens`, { tenantId: 1 })
    for (const [body, shown, allowed, refused] of [
      [{ key: publisher.json.key }, { kind: 'publisher', may: ['publish', 'read'] }, '/v1/topics', '/v1/tenants'],
      [{ key: portal.json.key }, { kind: 'portal', integrationId, may: [] }, '/v1/subscriptions', '/v1/topics'],
      [
        { key: token.json.accessToken },
        { kind: 'integrator', integrationId, tenantId: 1, may: ['read', 'subscribe'] },
        '/v1/topics',
        '/v1/keys',
      ],
      [
        { clientId, clientSecret },
        { kind: 'integrator', integrationId, may: ['read', 'subscribe'] },
        '/v1/subscriptions',
        '/v1/audit',
      ],
    ] as const) {
      const jar = await signIn(body)
      expect((await call('GET', '/v1/session', jar)).json).toEqual({ ...shown, expiresAt: expect.any(String) })
      expect((await call('GET', allowed, jar)).status).toBe(200)
      expect((await call('GET', refused, jar)).status).toBe(403)
    }
  })

  test('with a wrong key is refused as any wrong key is, and more and more slowly', async () => {
    const wrong = { clientId: integration.clientId, clientSecret: 'wrong' }
    expect((await call('POST', '/v1/session', {}, { key: 'wrong' })).status).toBe(401)
    expect((await call('POST', '/v1/session', {}, wrong)).status).toBe(401)
    expect((await call('POST', '/v1/session', {}, { link: 'tid_link_wrong' })).status).toBe(401)
    const forged = { cookie: 'tidings=v1.AAAA' }
    for (let count = 3; count < 20; count++) expect((await call('GET', '/v1/session', forged)).status).toBe(401)
    expect((await call('POST', '/v1/session', {}, { key: 'wrong' })).status).toBe(429)
    expect((await call('GET', '/v1/session', forged)).status).toBe(429)
    await signIn()
  })

  test.each([
    ['nothing', {}],
    ['two of them', { key: adminKey, link: 'x' }],
    ['half of one', { clientId: 'x' }],
    ['a number', { key: 1 }],
    ['more', { key: adminKey, admin: true }],
  ])('with %s is refused', async (_, body) => {
    const { status, json, cookies } = await call('POST', '/v1/session', {}, body)
    expect([status, json.code, cookies]).toEqual([422, 'invalid_request', []])
  })

  test('over http from another machine is refused with what to do', async () => {
    const headers = { host: '10.1.2.3:8080', origin: 'http://10.1.2.3:8080' }
    const { status, json } = await call('POST', '/v1/session', headers, { key: adminKey })
    expect([status, json.code]).toEqual([403, 'forbidden'])
    expect(json.detail).toContain('https')
  })
})

describe('a request of another origin', () => {
  test('gets nothing by the cookie, though it says that it means to', async () => {
    const jar = await signIn()
    const host = new URL(server.url).host
    for (const [headers, reading, changing] of [
      [{}, 200, 201],
      [{ origin: `http://${host}` }, 200, 201],
      [{ 'sec-fetch-site': 'same-origin' }, 200, 201],
      [{ 'sec-fetch-site': 'none' }, 200, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403, 403],
      [{ origin: 'http://evil.example' }, 403, 403],
      // Over https the cookie has another name.
      [{ origin: 'https://evil.example' }, 401, 401],
      [{ origin: 'null' }, 403, 403],
      [{ origin: `http://${host}.evil.example` }, 403, 403],
    ] as [Headers, number, number][]) {
      const read = await call('GET', '/v1/keys', { ...jar, ...headers })
      const changed = await call('POST', '/v1/keys', { ...jar, ...csrf, ...headers }, { kind: 'pub' })
      expect([headers, read.status, changed.status]).toEqual([headers, reading, changing])
    }
  })

  test('cannot sign a browser in, either', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Headers[]) {
      const { status, cookies } = await call('POST', '/v1/session', headers, { key: adminKey })
      expect([status, cookies]).toEqual([403, []])
    }
  })

  test('changes nothing without the header that no form can send', async () => {
    const jar = await signIn()
    for (const headers of [{}, { 'x-tidings-session': '0' }] as Headers[]) {
      const { status, json } = await call('POST', '/v1/keys', { ...jar, ...headers }, { kind: 'pub' })
      expect([status, json.code]).toEqual([403, 'forbidden'])
    }
    expect((await call('DELETE', '/v1/session', jar)).status).toBe(403)
  })
})

describe('a session', () => {
  test('ends on the server by signing out, also for who has copied the cookie, and after a restart', async () => {
    const [jar, other] = [await signIn(), await signIn()]
    const out = await call('DELETE', '/v1/session', { ...jar, ...csrf })
    expect([out.status, out.cookies]).toEqual([204, ['tidings=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']])
    expect((await call('GET', '/v1/session', jar)).status).toBe(401)
    await server.close()
    await start()
    expect((await call('GET', '/v1/session', jar)).status).toBe(401)
    expect((await call('GET', '/v1/session', other)).status).toBe(200)
  })

  test('ends an hour after it was used; using it goes on, until twelve hours are over', async () => {
    const idle = await signIn()
    await clock.advance(3_600_000)
    const ended = await call('GET', '/v1/session', idle)
    expect([ended.status, ended.cookies]).toEqual([401, ['tidings=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']])

    let jar = await signIn()
    expect((await call('GET', '/v1/session', jar)).cookies).toEqual([])
    for (let minutes = 59; minutes < 12 * 60; minutes += 59) {
      await clock.advance(59 * 60_000)
      const { status, cookies } = await call('GET', '/v1/session', jar)
      expect([minutes, status]).toEqual([minutes, 200])
      jar = jarOf(cookies)
    }
    await clock.advance(59 * 60_000)
    expect((await call('GET', '/v1/session', jar)).status).toBe(401)
  })

  test('ends at once with its key', async () => {
    const { json: key } = await operate('POST', '/v1/keys', { kind: 'admin' })
    const jar = await signIn({ key: key.key })
    const link = (await call('POST', '/v1/portal-links', { ...jar, ...csrf }, { integrationId: integration.id })).json
    const unused = (await call('POST', '/v1/portal-links', { ...jar, ...csrf }, { integrationId: integration.id })).json
    const portal = await signIn({ link: link.url.split('#')[1] })
    expect((await call('DELETE', `/v1/keys/${key.id}`, { ...jar, ...csrf })).status).toBe(204)
    expect((await call('GET', '/v1/session', jar)).status).toBe(401)
    expect((await call('GET', '/v1/session', portal)).status).toBe(401)
    expect((await call('POST', '/v1/session', {}, { link: unused.url.split('#')[1] })).status).toBe(401)
  })

  test('a key in the header goes before it', async () => {
    const jar = await signIn()
    const { json } = await operate('POST', '/v1/keys', { kind: 'pub' })
    const headers = { ...jar, authorization: `Bearer ${json.key}` }
    expect((await call('GET', '/v1/session', headers)).json).toMatchObject({ kind: 'publisher', expiresAt: null })
    expect((await call('DELETE', '/v1/session', headers)).status).toBe(404)
  })

  test('is told apart in the audit log, with who began it', async () => {
    await signIn()
    await signIn({ link: await openPortal() })
    const { json } = await operate('GET', '/v1/audit?limit=4')
    expect(
      json.items.map((entry: { kind: string; action: string; by: object }) => [entry.kind, entry.action, entry.by]),
    ).toEqual([
      ['session', 'created', { kind: 'integrator', id: integration.id }],
      ['signInLink', 'deleted', { kind: 'integrator', id: integration.id }],
      ['signInLink', 'created', { kind: 'operator', id: 'configured' }],
      ['session', 'created', { kind: 'operator', id: 'configured' }],
    ])
  })
})

test('a sign-in link is the key of the operator who made it, once, and nobody else makes one', async () => {
  const { status, json } = await operate('POST', '/v1/sign-in-links', { expiresInSeconds: 3_600 })
  expect([status, json]).toEqual([
    201,
    {
      url: expect.stringMatching(new RegExp(`^${server.url}/ui/#tid_link_\\w+$`)),
      expiresAt: new Date(clock.now() + 3_600_000).toISOString(),
    },
  ])
  const link = json.url.split('#')[1]
  const jar = await signIn({ link })
  expect((await call('GET', '/v1/session', jar)).json).toMatchObject({ kind: 'operator' })
  expect((await call('POST', '/v1/session', {}, { link })).status).toBe(401)
  const portal = await signIn({ link: await openPortal() })
  expect((await call('POST', '/v1/sign-in-links', { ...portal, ...csrf }, {})).status).toBe(403)
})

describe('a portal link', () => {
  test('is made by the operator alone, for this server or for where it is known', async () => {
    const { json } = await operate('POST', '/v1/portal-links', { integrationId: integration.id })
    expect(json).toEqual({
      url: expect.stringMatching(new RegExp(`^${server.url}/ui/portal#tid_link_\\w+$`)),
      expiresAt: new Date(clock.now() + 300_000).toISOString(),
    })
    const { clientId, clientSecret } = integration
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const own = await call('POST', '/v1/portal-links', { authorization: basic }, { integrationId: integration.id })
    expect(own.status).toBe(403)
  })

  test('signs in once, also of those who open it at the same time and after a restart', async () => {
    const link = await openPortal()
    const all = await Promise.all([1, 2, 3].map(() => call('POST', '/v1/session', {}, { link })))
    expect(all.map(({ status }) => status).sort()).toEqual([204, 401, 401])
    const kept = await openPortal()
    await server.close()
    await start()
    expect((await call('POST', '/v1/session', {}, { link })).status).toBe(401)
    await signIn({ link: kept })
  })

  test('ends after its time', async () => {
    const link = await openPortal({ expiresInSeconds: 10 })
    await clock.advance(10_000)
    expect((await call('POST', '/v1/session', {}, { link })).status).toBe(401)
  })

  test('gives what the integration may, and with a tenant no more than that tenant', async () => {
    const whole = await signIn({ link: await openPortal() })
    const narrow = await signIn({ link: await openPortal({ tenantId: 1 }) })
    const about = { kind: 'portal', integrationId: integration.id, may: ['read', 'subscribe'] }
    expect((await call('GET', '/v1/session', whole)).json).toEqual({ ...about, expiresAt: expect.any(String) })
    expect((await call('GET', '/v1/session', narrow)).json).toMatchObject({ ...about, tenantId: 1 })
    expect((await call('GET', '/v1/tenants', whole)).status).toBe(403)
    const events = [1, 2].map((tenantId) => ({ tenantId, type: 'invoice.updated', entityId: `of ${tenantId}` }))
    await operate('POST', '/v1/events', events)
    const readBy = async (jar: Headers) =>
      (await call('GET', '/v1/topics/invoices/events', jar)).json.events.map(
        ({ tenantId }: { tenantId: number }) => tenantId,
      )
    expect([await readBy(whole), await readBy(narrow)]).toEqual([[1, 2], [1]])

    const draft = { endpoint: { url: 'https://example.com/hook' }, types: ['*'] }
    const made = await call('POST', '/v1/subscriptions', { ...whole, ...csrf }, draft)
    const bound = await call('POST', '/v1/subscriptions', { ...narrow, ...csrf }, draft)
    expect([made.status, bound.status]).toEqual([201, 201])
    const listed = async (jar: Headers) =>
      (await call('GET', '/v1/subscriptions', jar)).json.items.map(({ id }: { id: string }) => id).sort()
    expect(await listed(narrow)).toEqual([bound.json.id])
    expect(await listed(whole)).toEqual([made.json.id, bound.json.id].sort())
    expect((await call('GET', `/v1/subscriptions/${made.json.id}`, narrow)).status).toBe(404)
  })
})

test('behind a proxy that changes Host, publicUrl says which origin is its own', async () => {
  await server.close()
  await start({ publicUrl: 'https://hooks.example.com' })
  const jar = await signIn({ key: adminKey }, { origin: 'https://hooks.example.com' })
  expect(jar.cookie).toMatch(/^__Host-tidings=/)
  expect((await call('GET', '/v1/session', jar)).status).toBe(200)
  const { json } = await operate('POST', '/v1/portal-links', { integrationId: integration.id })
  expect(json.url).toMatch(/^https:\/\/hooks\.example\.com\/ui\/portal#/)
})

test('in a frame of another host, the portal keeps its session in a cookie of its own', async () => {
  await server.close()
  await start({ frameAncestors: 'https://app.example.com' })
  const https = { host: 'hooks.example.com', 'x-forwarded-proto': 'https', origin: 'https://hooks.example.com' }
  const follow = async (headers: Headers) => call('POST', '/v1/session', headers, { link: await openPortal() })
  const { cookies } = await follow(https)
  expect(cookies).toEqual([
    '__Host-tidings=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0',
    expect.stringMatching(
      /^__Host-tidings-portal=v1\.[\w-]+; Path=\/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age=3600$/,
    ),
  ])
  const jar = jarOf(cookies)
  expect((await call('GET', '/v1/session', { ...https, ...jar })).json).toMatchObject({ kind: 'portal' })
  // Beside the operator's cookie it goes first: it may less.
  const own = await signIn({ key: adminKey }, https)
  const both = { ...https, cookie: `${own.cookie}; ${jar.cookie}` }
  expect((await call('GET', '/v1/session', both)).json).toMatchObject({ kind: 'portal' })
  // On the host that the frame is on, the strict one is enough; the operator never gets the other.
  const same = { host: 'app.example.com', 'x-forwarded-proto': 'https', origin: 'https://app.example.com' }
  expect((await follow(same)).cookies[1]).toMatch(/^__Host-tidings=v1/)
  expect(own.cookie).toMatch(/^__Host-tidings=/)
})

test('a portal looks as its link says, and everybody else as the configuration says', async () => {
  const plain = { name: null, logo: null, colors: {} }
  expect((await call('GET', '/v1/appearance')).json).toEqual(plain)
  const appearance = { name: 'Bygg & Bo', colors: { accent: '#1a7f5a' } }
  const jar = await signIn({ link: await openPortal({ appearance }) })
  expect((await call('GET', '/v1/appearance', jar)).json).toEqual({ ...plain, ...appearance })
  expect((await call('GET', '/v1/appearance', { cookie: 'tidings=v1.AAAA' })).json).toEqual(plain)
})
