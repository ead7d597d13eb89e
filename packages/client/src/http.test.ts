import { expect, test } from 'vitest'
import { InvalidAnswerError, RefusedError, UnreachableError } from './errors.ts'
import { hangUp, json, problem, quickClock, scripted } from './http-fixture.ts'
import { Tidings } from './tidings.ts'

const tenants = json({ items: [], next: null })
const now = { 'retry-after': '0' }

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
}

test('a refusal carries the code, the faults and the status', async () => {
  await using server = await scripted(problem(422, 'invalid_event'))
  const error = await failure(new Tidings({ url: server.url }).tenants.create({ id: 1, name: 'x' }))
  expect(error).toBeInstanceOf(RefusedError)
  expect(error).toMatchObject({
    code: 'invalid_event',
    status: 422,
    message: 'about invalid_event',
    errors: [{ pointer: '/a' }],
  })
  expect(server.requests).toHaveLength(1)
})

test('reads are tried again when the server is overloaded or hangs up', async () => {
  await using server = await scripted(
    problem(503, 'overloaded', now),
    problem(429, 'rate_limited', now),
    hangUp,
    tenants,
  )
  const client = new Tidings({ url: server.url, clock: quickClock() })
  expect(await Array.fromAsync(client.tenants.list())).toEqual([])
  expect(server.requests).toHaveLength(4)
})

test('tries end', async () => {
  await using server = await scripted(problem(503, 'overloaded', now))
  const error = await failure(new Tidings({ url: server.url, maxAttempts: 2, clock: quickClock() }).tenants.page())
  expect(error).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 })
  expect(server.requests).toHaveLength(2)
})

test.each([
  ['7', 7_000],
  ['0', 1_000],
  ['99999999999', 86_400_000],
  ['Thu Jan  1 00:01:00 2026', 60_000],
])('Retry-After: %s is waited for %d ms', async (retryAfter, expectedMs) => {
  await using server = await scripted(problem(503, 'overloaded', { 'retry-after': retryAfter }), tenants)
  const clock = quickClock()
  await new Tidings({ url: server.url, clock }).tenants.page()
  expect(clock.pausesMs).toEqual([expectedMs])
})

test.each(['-5', '', 'soon', '1.5'])(
  'Retry-After: "%s" says nothing; the tries grow further apart',
  async (retryAfter) => {
    await using server = await scripted(problem(429, 'rate_limited', { 'retry-after': retryAfter }))
    const clock = quickClock()
    const error = await failure(new Tidings({ url: server.url, clock }).tenants.page())
    expect(error).toMatchObject({ retryAfterSeconds: undefined })
    expect(clock.pausesMs).toHaveLength(3)
    clock.pausesMs.forEach((ms, index) => {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** index)
      expect(ms).toBeLessThanOrEqual(500 * 2 ** index)
    })
  },
)

test.each([{ timeoutMs: Number.NaN }, { timeoutMs: 0 }, { maxAttempts: Number.NaN }, { maxAttempts: 0 }])(
  '%j is refused: it would end no loop, or every wait at once',
  (options) => {
    expect(() => new Tidings({ url: 'http://127.0.0.1:1', ...options })).toThrow(TypeError)
  },
)

test('a time limit longer than the longest timer does not fire at once', async () => {
  await using server = await scripted(tenants)
  const client = new Tidings({ url: server.url, timeoutMs: Number.POSITIVE_INFINITY, maxAttempts: 1 })
  expect(await Array.fromAsync(client.tenants.list())).toEqual([])
})

test('a list whose next page is the same again ends', async () => {
  await using server = await scripted(json({ items: [1], next: 'c' }))
  expect(await failure(Array.fromAsync(new Tidings({ url: server.url }).tenants.list()))).toBeInstanceOf(
    InvalidAnswerError,
  )
  expect(server.requests).toHaveLength(2)
})

test('what changes something is not repeated', async () => {
  await using server = await scripted(hangUp)
  const client = new Tidings({ url: server.url })
  expect(await failure(client.tenants.create({ id: 1, name: 'x' }))).toBeInstanceOf(UnreachableError)
  expect(server.requests).toHaveLength(1)
})

test('a publish is repeated, with the same made-up id', async () => {
  const place = { id: 'x', topic: 'invoices', offset: 'o', duplicate: false }
  await using server = await scripted(hangUp, json({ events: [place] }, 201))
  const event = { tenantId: 1, type: 'invoice.updated', entityId: '1', data: { n: 10n ** 20n } }
  expect(await new Tidings({ url: server.url }).publish(event)).toEqual([place])
  const [first, second] = server.requests.map(({ body }) => body)
  expect(second).toMatch(/^\{.*"n":100000000000000000000.*"id":"[0-9a-f-]{36}"\}$/)
  expect(first === '' || first === second).toBe(true)
})

test('a publish of text without a known id is not repeated', async () => {
  await using server = await scripted(hangUp)
  expect(await failure(new Tidings({ url: server.url }).publish('{"tenantId":1}'))).toMatchObject({
    code: 'unreachable',
  })
  expect(server.requests).toHaveLength(1)
})

test('something that is not Tidings is said to be so', async () => {
  await using server = await scripted((response) => response.end('<html>'))
  expect(await failure(new Tidings({ url: server.url }).tenants.page())).toBeInstanceOf(InvalidAnswerError)
  await using other = await scripted((response) => response.writeHead(404).end('<html>'))
  expect(await failure(new Tidings({ url: other.url }).tenants.page())).toBeInstanceOf(InvalidAnswerError)
})

test('a server that does not answer in time is a timeout, one that is not there unreachable', async () => {
  await using server = await scripted(() => {})
  const client = new Tidings({ url: server.url, timeoutMs: 1, maxAttempts: 1 })
  expect(await failure(client.tenants.page())).toMatchObject({ code: 'timeout' })
  await server[Symbol.asyncDispose]()
  const gone = new Tidings({ url: server.url, maxAttempts: 1 })
  expect(await failure(gone.tenants.page())).toMatchObject({ code: 'unreachable', reason: 'ECONNREFUSED' })
})

test('credentials go in their headers, paths below the address stay', async () => {
  await using server = await scripted(tenants)
  await new Tidings({ url: `${server.url}/below/`, key: 'k' }).tenants.page({ cursor: 'a b', limit: 2 })
  await new Tidings({ url: server.url, clientId: 'å', clientSecret: 's:t' }).tenants.page()
  expect(server.requests[0]).toMatchObject({
    url: '/below/v1/tenants?cursor=a+b&limit=2',
    headers: { authorization: 'Bearer k' },
  })
  const basic = Buffer.from('å:s:t').toString('base64')
  expect(server.requests[1]!.headers.authorization).toBe(`Basic ${basic}`)
})

test('pages are followed to the end', async () => {
  await using server = await scripted(json({ items: [1, 2], next: 'c' }), json({ items: [3], next: null }))
  expect(await Array.fromAsync(new Tidings({ url: server.url }).deliveries.list({ status: 'failed' }))).toEqual([
    1, 2, 3,
  ])
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/v1/deliveries?status=failed',
    '/v1/deliveries?status=failed&cursor=c',
  ])
})

test('an abort ends the waiting with its own reason', async () => {
  await using server = await scripted(problem(503, 'overloaded', { 'retry-after': '3600' }))
  const stop = new AbortController()
  const feed = new Tidings({ url: server.url }).feedPage('invoices', { signal: stop.signal })
  await expect.poll(() => server.requests.length).toBe(1)
  stop.abort(new Error('enough'))
  await expect(feed).rejects.toThrow('enough')
})

test.each(['ftp://x', 'nonsense'])('%s is no address', (url) => {
  expect(() => new Tidings({ url })).toThrow(TypeError)
})
