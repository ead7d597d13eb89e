import { describe, expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { grantedTenant, startLiveServer } from '../dialects/fixtures/live.ts'

const ours = 'https://app.example.com'
const foreign = 'https://evil.example.com'
const feed = '/v1/topics/invoices/events'

async function start(corsOrigins = `${ours},http://localhost:5173`) {
  const server = await startLiveServer({ flags: { corsOrigins } })
  const { token } = await grantedTenant(server, { tenantId: 1 })
  const call = (origin: string, method: string, path: string, headers: Record<string, string> = {}) =>
    server.call(method, path, { token, headers: { origin, ...headers } })
  return { server, token, call }
}

/** What a page of the origin may do with the answer. */
function corsOf({ headers }: { headers: Headers }) {
  // Some answers also vary by `Accept`, which is nothing to a page.
  const own = [...headers].map(([name, value]) => [name, name === 'vary' ? value.replace(/(?:, )?Accept$/, '') : value])
  return Object.fromEntries(
    own.filter(([name, value]) => name!.startsWith('access-control-') || (name === 'vary' && value)),
  )
}
const readable = {
  'access-control-allow-origin': ours,
  'access-control-expose-headers': 'Retry-After',
  vary: 'Origin',
}

describe('an origin of corsOrigins', () => {
  test('reads the feed and the topics, and is told why it may not', async () => {
    const { server, call } = await start()
    for (const path of [feed, '/v1/topics']) {
      const answer = await call(ours, 'GET', path)
      expect([answer.status, corsOf(answer)]).toEqual([200, readable])
    }
    const refusals: [path: string, headers: Record<string, string>, status: number][] = [
      [feed, { authorization: 'Bearer wrong' }, 401],
      [`${feed}?after=nonsense`, {}, 400],
      ['/v1/topics/none/events', {}, 404],
      [`${feed}?access_token=x`, {}, 400],
      ['/v1/stream?topics=none', {}, 400],
    ]
    for (const [path, headers, status] of refusals) {
      const answer = await call(ours, 'GET', path, headers)
      expect([path, answer.status, corsOf(answer)]).toEqual([path, status, readable])
    }
    const wrong = async () => server.call('GET', feed, { token: 'wrong', headers: { origin: ours } })
    let last = await wrong()
    for (let tries = 0; tries < 30 && last.status !== 429; tries++) last = await wrong()
    expect([last.status, corsOf(last)]).toEqual([429, readable])
  })

  test('reads the stream', async () => {
    const { server, token } = await start()
    const controller = new AbortController()
    const response = await fetch(`${server.url}/v1/stream`, {
      headers: { authorization: `Bearer ${token}`, origin: ours },
      signal: controller.signal,
    })
    expect(corsOf(response)).toEqual(readable)
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    controller.abort()
  })

  test.each([feed, '/v1/stream', '/v1/topics'])('has its preflight answered, without a key: %s', async (path) => {
    const { server } = await start()
    const headers = {
      origin: ours,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization,last-event-id',
    }
    const answer = await server.call('OPTIONS', path, { headers })
    expect(answer.status).toBe(204)
    expect(corsOf(answer)).toEqual({
      ...readable,
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Authorization, Last-Event-ID',
      'access-control-max-age': '7200',
    })
  })

  test('gets nothing but the stream and the feed', async () => {
    const { server, call } = await start()
    for (const path of ['/v1/subscriptions', '/v1/tenants', '/openapi.json', '/v1/none']) {
      expect(corsOf(await call(ours, 'GET', path))).toEqual({})
      const headers = { origin: ours, 'access-control-request-method': 'GET' }
      expect(corsOf(await server.call('OPTIONS', path, { headers }))).toEqual({})
    }
    expect(corsOf(await call(ours, 'POST', '/v1/events'))).toEqual({})
  })
})

test.each([
  foreign,
  'null',
  'https://app.example.com.evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
])('another origin may read nothing: %s', async (origin) => {
  const { server, call } = await start()
  expect(corsOf(await call(origin, 'GET', feed))).toEqual({ vary: 'Origin' })
  const headers = { origin, 'access-control-request-method': 'GET' }
  expect(corsOf(await server.call('OPTIONS', feed, { headers }))).toEqual({ vary: 'Origin' })
})

test('without the setting there is none of it', async () => {
  const { call } = await start('')
  expect(corsOf(await call(ours, 'GET', feed))).toEqual({})
})

test('the setting takes origins and nothing else', () => {
  const origins = (text: string) => readConfig({ flags: {}, env: { TIDINGS_CORS_ORIGINS: text } }).corsOrigins
  expect(origins('https://App.example.com, http://localhost:5173')).toEqual([ours, 'http://localhost:5173'])
  for (const text of ['*', 'null', 'app.example.com', `${ours}/`, `${ours}/page`, 'https://a@b.example', 'file://x']) {
    expect(() => origins(text)).toThrow(/corsOrigins|CORS_ORIGINS/)
  }
})
