import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, answersTo } from './raw.ts'
import { adminKey, startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const auth = `Authorization: Bearer ${adminKey}`
const json = 'Content-Type: application/json'
const chunks = 'Transfer-Encoding: chunked'
const tenant = '{"id":909,"name":"Nine"}'
const inChunks = `7;a=b\r\n${tenant.slice(0, 7)}\r\n${(tenant.length - 7).toString(16)}\r\n${tenant.slice(7)}\r\n0\r\nX-Trailer: 1\r\n\r\n`

interface Row {
  /** Of RFC 9110, or of RFC 9112 where it says so. */
  readonly clause: string
  readonly says: string
  readonly request: string
  readonly answers: readonly [number, ...number[]]
  readonly has?: Readonly<Record<string, RegExp>>
  readonly hasNot?: readonly string[]
}

/** A request with a Host that closes its connection; `lines` are more headers, `body` what follows them. */
const asking = (line: string, lines: readonly string[] = [], body = '') =>
  `${line} HTTP/1.1\r\n${['Host: tidings.example', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n${body}`
const making = (lines: readonly string[], body = tenant) =>
  asking('POST /v1/tenants', [auth, json, `Content-Length: ${body.length}`, ...lines], body)

const rows: readonly Row[] = [
  // Methods.
  { clause: '9.1', says: 'a method that nobody knows: 501', request: asking('TIDINGS /livez'), answers: [501] },
  { clause: '9.1', says: 'a method that no path has: 501', request: asking('PROPFIND /livez'), answers: [501] },
  { clause: '9.1', says: 'methods are case-sensitive', request: asking('get /livez'), answers: [501] },
  {
    clause: '9.3.6',
    says: 'no proxy: CONNECT is not implemented',
    request: asking('CONNECT evil.example:443'),
    answers: [501],
  },
  {
    clause: '9.3.7',
    says: 'OPTIONS of the whole server',
    request: asking('OPTIONS *'),
    answers: [204],
    has: { allow: /GET, .*POST/ },
  },
  {
    clause: '9.3.7',
    says: 'OPTIONS of a path',
    request: asking('OPTIONS /livez'),
    answers: [204],
    has: { allow: /^GET, HEAD, OPTIONS$/ },
  },
  {
    clause: '15.5.6',
    says: '405 with Allow',
    request: asking('DELETE /livez'),
    answers: [405],
    has: { allow: /^GET, HEAD, OPTIONS$/ },
  },
  { clause: '9.3.8', says: 'TRACE repeats nothing', request: asking('TRACE /livez'), answers: [405] },
  // Targets and hosts.
  {
    clause: '9112 3.2',
    says: 'no Host: 400',
    request: 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n',
    answers: [400],
  },
  { clause: '9112 3.2', says: 'two Hosts: 400', request: asking('GET /livez', ['Host: b.example']), answers: [400] },
  ...['a b', 'a/b', 'http://a.example', 'user@a.example', 'a.example:80x', 'a,b.example?'].map((host) => ({
    clause: '9112 3.2',
    says: `Host: ${host}: 400`,
    request: `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    answers: [400] as const,
  })),
  ...['a.example', 'a.example:8080', '127.0.0.1:1', '[::1]:8080', '[::1]', 'a.example:'].map((host) => ({
    clause: '9112 3.2',
    says: `Host: ${host}: taken`,
    request: `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    answers: [200] as const,
  })),
  {
    clause: '9112 3.2.2',
    says: 'the absolute form is taken',
    request: asking('GET http://a.example:8080/livez'),
    answers: [200],
  },
  {
    clause: '9112 3.2.2',
    says: 'in capitals, https, with a query',
    request: asking('GET HTTPS://A.example/livez?x=1'),
    answers: [200],
  },
  {
    clause: '9112 3.2.2',
    says: 'without a path it is the root',
    request: asking('GET http://a.example'),
    answers: [302],
  },
  {
    clause: '9112 3.2',
    says: 'another scheme is no target',
    request: asking('GET ftp://a.example/livez'),
    answers: [400],
  },
  {
    clause: '15.5.15',
    says: 'a URL that is too long: 414',
    request: asking(`GET /livez?${'a'.repeat(17_000)}`),
    answers: [414],
  },
  {
    clause: 'RFC 6585 5',
    says: 'headers that are too large: 431',
    request: asking('GET /livez', [`X: ${'a'.repeat(17_000)}`]),
    answers: [431],
  },
  // Messages.
  {
    clause: '9112 2.2',
    says: 'an empty line before a request is passed over',
    request: `\r\n${asking('GET /livez')}`,
    answers: [200],
  },
  {
    clause: '9112 5.1',
    says: 'white space before the colon: 400',
    request: asking('GET /livez', ['X : a']),
    answers: [400],
  },
  { clause: '9112 5.2', says: 'a folded header: 400', request: asking('GET /livez', ['X: a\r\n b']), answers: [400] },
  {
    clause: '5.1',
    says: 'names of headers have no case',
    request: `GET /v1/keys HTTP/1.1\r\nhOST: a\r\nCONNECTION: close\r\naUTHORIZATION: Bearer ${adminKey}\r\n\r\n`,
    answers: [200],
  },
  {
    clause: '5.5',
    says: 'white space around a value is none of it',
    request: asking('GET /v1/keys', [`Authorization:   Bearer ${adminKey}  `]),
    answers: [200],
  },
  {
    clause: '9112 6.1',
    says: 'a coding that nobody knows: 501',
    request: asking('POST /v1/tenants', [auth, json, 'Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
    answers: [501],
  },
  {
    clause: '9112 6.3',
    says: 'chunked that is not last: 400',
    request: asking('POST /v1/tenants', [auth, json, 'Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'),
    answers: [400],
  },
  {
    clause: '9112 6.3',
    says: 'a length beside chunks: 400',
    request: asking('POST /v1/tenants', [auth, json, chunks, 'Content-Length: 5'], '0\r\n\r\n'),
    answers: [400],
  },
  {
    clause: '9112 7.1',
    says: 'chunks with extensions and trailers are read',
    request: asking('POST /v1/tenants', [auth, json, chunks], inChunks),
    answers: [201],
  },
  {
    clause: '9112 9.6',
    says: '`Connection: close` is answered with it',
    request: asking('GET /livez'),
    answers: [200],
    has: { connection: /^close$/ },
  },
  { clause: '9112 9.3', says: 'HTTP/1.0 closes unless asked', request: 'GET /livez HTTP/1.0\r\n\r\n', answers: [200] },
  {
    clause: '9112 9.3.2',
    says: 'answers come in the order of their requests',
    request: `GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n${asking('GET /livez')}`,
    answers: [200, 404, 200],
  },
  // Expectations.
  {
    clause: '10.1.1',
    says: '100-continue is answered before the body',
    request: making(['Expect: 100-continue'], '{"id":910,"name":"Ten"}'),
    answers: [100, 201],
  },
  {
    clause: '10.1.1',
    says: 'in any case of letters',
    request: making(['Expect: 100-Continue'], '{"id":911,"name":"Ten"}'),
    answers: [100, 201],
  },
  {
    clause: '10.1.1',
    says: 'not for HTTP/1.0',
    request: 'GET /livez HTTP/1.0\r\nExpect: 100-continue\r\n\r\n',
    answers: [200],
  },
  {
    clause: '15.5.18',
    says: 'another expectation: 417',
    request: asking('GET /livez', ['Expect: wonders']),
    answers: [417],
  },
  // Refusals.
  {
    clause: '15.5.2',
    says: '401 says how',
    request: asking('GET /v1/keys'),
    answers: [401],
    has: { 'www-authenticate': /Bearer/ },
  },
  {
    clause: '15.5.2',
    says: '401 says how, in Tripletex',
    request: asking('GET /v2/event/subscription'),
    answers: [401],
    has: { 'www-authenticate': /./ },
  },
  {
    clause: '15.5.2',
    says: '401 says how, in Fakturownia',
    request: asking('GET /webhooks.json'),
    answers: [401],
    has: { 'www-authenticate': /./ },
  },
  {
    clause: '15.5.2',
    says: '401 says how, in Moneybird',
    request: asking('GET /api/v2/1/webhooks.json'),
    answers: [401],
    has: { 'www-authenticate': /./ },
  },
  {
    clause: '11.1',
    says: 'a scheme has no case',
    request: asking('GET /v1/keys', [`Authorization: bEARER ${adminKey}`]),
    answers: [200],
  },
  {
    clause: '15.5.16',
    says: '415 for a type that is not taken',
    request: asking('POST /v1/tenants', [auth, 'Content-Type: text/plain', 'Content-Length: 2'], '{}'),
    answers: [415],
  },
  {
    clause: '12.5.3',
    says: '415 for a coding says which are taken',
    request: making(['Content-Encoding: zstd']),
    answers: [415],
    has: { 'accept-encoding': /gzip|identity/ },
  },
  {
    clause: '8.4',
    says: 'identity is no coding',
    request: making(['Content-Encoding: identity'], '{"id":912,"name":"Ten"}'),
    answers: [201],
  },
  // Conditions and ranges.
  {
    clause: '13.1.1',
    says: 'a tag that no resource has: 412',
    request: asking('DELETE /v1/tenants/909', [auth, 'If-Match: "x"']),
    answers: [412],
  },
  {
    clause: '13.1.1',
    says: 'any tag at all is fine',
    request: asking('GET /v1/keys', [auth, 'If-Match: *']),
    answers: [200],
  },
  {
    clause: '13.1.2',
    says: 'a tag that a cache has is not current',
    request: asking('GET /v1/keys', [auth, 'If-None-Match: "x"']),
    answers: [200],
  },
  {
    clause: '13.1.3',
    says: 'a resource without a date has not been modified at none',
    request: asking('GET /v1/keys', [auth, 'If-Modified-Since: Wed, 21 Oct 2037 07:28:00 GMT']),
    answers: [200],
  },
  {
    clause: '14.2',
    says: 'ranges are passed over',
    request: asking('GET /livez', ['Range: bytes=0-1']),
    answers: [200],
    hasNot: ['content-range'],
  },
  // Answers.
  {
    clause: '15.3.5',
    says: '204 has no body and no length',
    request: asking('DELETE /v1/tenants/909', [auth]),
    answers: [204],
    hasNot: ['content-length', 'transfer-encoding'],
  },
  {
    clause: '12.5.5',
    says: 'what depends on Accept says so',
    request: asking('GET /v1/topics/invoices/events', [auth]),
    answers: [200],
    has: { vary: /Accept/ },
  },
  {
    clause: '15.4.3',
    says: 'the root leads to the pages, and programs to the descriptions',
    request: asking('GET /'),
    answers: [302],
    has: { location: /^\/ui\/$/, link: /<\/openapi.json>; rel="service-desc"/ },
  },
  {
    clause: '7.8',
    says: 'an upgrade that nobody knows is passed over',
    request: asking('GET /livez', ['Upgrade: h2c']).replace('Connection: close', 'Connection: close, upgrade'),
    answers: [200],
  },
]

describe('what RFC 9110 and RFC 9112 oblige an origin server to', () => {
  test.each(rows)('$clause: $says', async ({ request, answers, has = {}, hasNot = [] }) => {
    const got = await answersTo(world.port, request)
    expect(got.map(({ status }) => status)).toEqual(answers)
    const last = got.at(-1)!
    for (const [name, value] of Object.entries(has)) expect(last.headers[name], name).toMatch(value)
    for (const name of hasNot) expect(last.headers).not.toHaveProperty(name)
    // 6.6.1: an origin server with a clock says when, in every 2xx, 3xx and 4xx. Node's 417 is the shortest of all.
    for (const { status, headers } of got)
      if (status >= 200) expect(Date.parse(headers.date ?? ''), `Date of ${status}`).not.toBeNaN()
  })
})

describe('9.1 and 9.3.2: HEAD is answered wherever GET is, as GET is, without a body', () => {
  /** The head of an answer, as far as it says something of the answer and not of the moment. */
  const steady = ({ status, headers }: Answer) => {
    const { date: _date, 'transfer-encoding': _coding, connection: _connection, ...rest } = headers
    const kept = Object.entries(rest).filter(([name]) => !/^x-rate|^ratelimit|request-?id|retry-after/.test(name))
    return { status, headers: Object.fromEntries(kept) }
  }

  test('on every path of the interface, its refusals too', async () => {
    const { paths } = (await world.call('GET', '/openapi.json', null)).json as { paths: Record<string, object> }
    const gets = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
    const more = ['/', '/docs', '/livez', '/readyz', '/metrics', '/asyncapi.json', '/nothing', '/v2/nothing']
    expect(gets.length).toBeGreaterThan(30)
    const urls = new Set([...gets, ...more].map((path) => path.replace(/\{\w+\}/g, '1')))
    for (const url of urls) {
      for (const lines of [[], [auth]]) {
        // It never ends by itself.
        if (url === '/v1/stream' && lines.length > 0) continue
        // GET uses a consent up, by its contract: HEAD does not even look for it.
        if (url.startsWith('/cloudevents/v1/consent')) continue
        const [get] = await answersTo(world.port, asking(`GET ${url}`, lines))
        const [head] = await answersTo(world.port, asking(`HEAD ${url}`, lines), false)
        const length = get!.headers['content-length']
        const mayDiffer = url === '/metrics' || /requestId/.test(get!.body)
        const without = (answer: Answer) => {
          const { headers, status } = steady(answer)
          if (!mayDiffer) return { headers, status }
          const { 'content-length': _length, ...others } = headers
          return { headers: others, status }
        }
        expect([url, without(head!)]).toEqual([url, without(get!)])
        expect(length === undefined || Number(length) === Buffer.byteLength(get!.body)).toBe(true)
      }
    }
  })

  test('no byte follows the head', async () => {
    for (const url of ['/docs', '/v1/keys', '/nothing', '/metrics']) {
      const after = asking('GET /livez')
      const both = `HEAD ${url} HTTP/1.1\r\nHost: a\r\n\r\n${after}`
      const [, second] = await answersTo(world.port, both, false)
      expect([url, second?.status]).toEqual([url, 200])
    }
  })

  test('of a stream and of a long poll it waits for nothing', async () => {
    for (const url of ['/v1/stream?topics=invoices', '/v1/topics/invoices/events?wait=60']) {
      const [head] = await answersTo(world.port, asking(`HEAD ${url}`, [auth]), false)
      expect(head?.status).toBe(200)
    }
  })
})
