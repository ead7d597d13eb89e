import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

interface Answer {
  readonly status: number
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about.
  readonly body: any
}

interface Documented {
  readonly tags?: readonly string[]
  readonly security: readonly Record<string, unknown>[]
  readonly requestBody?: { readonly content: Record<string, unknown> }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { schema: object }>> }>
  >
}

interface Call {
  readonly key?: string | undefined
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const operator = 'operator-key-for-tests'
const unknownId = '404404'
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)

let directory: string
let server: RunningServer
let receiver: Server
let openapi: { paths: Record<string, Record<string, Documented>>; components: object }
const succeeded = new Set<string>()

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-documents-'))
  receiver = createServer((request, response) => request.resume().on('end', () => response.writeHead(204).end()))
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  server = await startServer(
    readConfig({
      flags: {
        port: '0',
        data: join(directory, 'data'),
        adminKey: operator,
        allowNetworks: '127.0.0.0/8',
        allowHttp: 'true',
        logLevel: 'silent',
      },
      env: {},
    }),
  )
  openapi = (await (await fetch(`${server.url}/openapi.json`)).json()) as typeof openapi
  ajv.addSchema({ $id: 'openapi', ...openapi })
})

afterAll(async () => {
  await server?.close()
  await new Promise((resolve) => receiver?.close(resolve))
  await rm(directory, { recursive: true, force: true })
})

async function send(
  method: string,
  path: string,
  { key, params = {}, query = '', body, headers }: Call,
): Promise<Answer> {
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? unknownId))
  const isText = typeof body === 'string'
  const response = await fetch(`${server.url}${url}${query}`, {
    method: method.toUpperCase(),
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  })
  const type = (response.headers.get('content-type') ?? '').split(';')[0]!
  const text = await response.text()
  return { status: response.status, type, body: /[/+]json$/.test(type) ? JSON.parse(text) : text }
}

/** The answer is one that the document has for this operation. */
function expectDocumented(method: string, path: string, answer: Answer): void {
  const place = `${method} ${path} ${answer.status}`
  const responses = openapi.paths[path]?.[method]?.responses
  const documented = responses?.[answer.status]
  expect(documented, `${place} is in the document`).toBeDefined()
  if (documented?.content === undefined) {
    expect(answer.body, place).toBe('')
    return
  }
  expect(Object.keys(documented.content), place).toContain(answer.type)
  const pointer = ['paths', path, method, 'responses', `${answer.status}`, 'content', answer.type, 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  const bodies =
    answer.type === 'application/x-ndjson'
      ? answer.body
          .trim()
          .split('\n')
          .map((line: string) => JSON.parse(line))
      : [answer.body]
  for (const body of bodies) {
    expect(ajv.validate(`openapi#/${pointer}`, body), `${place}: ${ajv.errorsText()} ${JSON.stringify(body)}`).toBe(
      true,
    )
  }
  if (answer.type === 'application/problem+json') {
    expect(documented.description, place).toContain(`\`${answer.body.code}\``)
    expect(answer.body.status).toBe(answer.status)
  }
}

async function call(method: string, path: string, expected: number, options: Call = {}): Promise<Answer> {
  const answer = await send(method, path, { key: operator, ...options })
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBe(expected)
  expectDocumented(method, path, answer)
  if (expected < 400) succeeded.add(`${method} ${path}`)
  return answer
}

/** More events than a subscription takes into memory, and an endpoint that may hardly be called: it catches up for hours. */
async function catchUp(caller: Call, endpoint: object): Promise<void> {
  const events = Array.from({ length: 200 }, (_, n) => ({ tenantId: 29302, type: 'product.updated', entityId: `${n}` }))
  await call('post', '/v1/events', 201, { body: events })
  const body = { endpoint, types: ['product.*'], start: 'earliest', ratePerSecond: 0.001 }
  const { body: behind } = await call('post', '/v1/subscriptions', 201, { ...caller, body })
  const it = { ...caller, params: { id: behind.id } }
  await call('post', '/v1/subscriptions/{id}/catch-up/pause', 200, it)
  await call('get', '/v1/subscriptions/{id}/stats', 200, it)
  await call('post', '/v1/subscriptions/{id}/catch-up/resume', 200, it)
  await call('post', '/v1/subscriptions/{id}/catch-up/cancel', 200, it)
  await call('get', '/v1/subscriptions/{id}/missed', 200, it)
  await call('delete', '/v1/subscriptions/{id}', 204, it)
}

function nativeOperations(): { method: string; path: string; operation: Documented }[] {
  return Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => nativeTags.has(tags?.[0] ?? ''))
      .map(([method, operation]) => ({ method, path, operation })),
  )
}
const nativeTags = new Set([
  'Publishing',
  'Reading',
  'Subscriptions',
  'Deliveries',
  'Event types',
  'Tenants',
  'Integrations',
  'Keys',
  'Sessions',
  'Operation',
])

test('/openapi.json is an OpenAPI 3.1 document', async () => {
  const validator = new Validator()
  const result = await validator.validate(structuredClone(openapi))
  expect(result).toMatchObject({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('/asyncapi.json is an AsyncAPI 3.0 document', async () => {
  const schema = JSON.parse(
    await readFile(new URL(import.meta.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json')), 'utf8'),
  )
  const meta = new Ajv({ strict: false, logger: false })
  addFormats.default(meta)
  const { body } = await call('get', '/asyncapi.json', 200)
  expect(meta.validate(schema, body), meta.errorsText()).toBe(true)
})

test('all references of both documents lead somewhere', async () => {
  for (const path of ['/openapi.json', '/asyncapi.json']) {
    const { body } = await call('get', path, 200)
    for (const [, pointer] of JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const parts = pointer!.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      expect(
        parts.reduce((node, part) => node?.[part], body),
        pointer,
      ).toBeDefined()
    }
  }
})

test('every route is in the document, with its methods', async () => {
  const folder = new URL('./routes/', import.meta.url)
  // The emulator alone has its routes.
  const files = (await readdir(folder)).filter((file) => !file.endsWith('.test.ts') && file !== 'emulator.ts')
  const sources = await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
  const urls = sources.flatMap((source) => [...source.matchAll(/'(\/(?:v1\/|livez|readyz|metrics|docs)[^']*)'/g)])
  expect(urls.length).toBeGreaterThan(25)
  for (const [, url] of urls) {
    expect(Object.keys(openapi.paths)).toContain(url!.replace(/:(\w+)/g, '{$1}'))
  }
  for (const path of new Set(nativeOperations().map((operation) => operation.path))) {
    const response = await fetch(`${server.url}${path.replace(/\{\w+\}/g, unknownId)}`, { method: 'OPTIONS' })
    const methods = Object.keys(openapi.paths[path]!).map((method) => method.toUpperCase())
    const all = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()
    expect(response.headers.get('allow'), path).toBe(all.join(', '))
  }
})

test('every operation answers as its schema says', async () => {
  for (const path of ['/livez', '/readyz', '/metrics', '/docs', '/openapi.json']) await call('get', path, 200)

  await call('post', '/v1/tenants', 201, { body: { id: 29300, name: 'Group' } })
  await call('post', '/v1/tenants', 201, { body: { id: 29302, name: 'Bygg AB', parentId: 29300 } })
  await call('post', '/v1/tenants', 409, { body: { id: 29302 } })
  await call('get', '/v1/tenants', 200, { query: '?limit=1' })
  const tenant = { params: { id: 29302 } }
  await call('get', '/v1/tenants/{id}', 200, tenant)
  await call('patch', '/v1/tenants/{id}', 200, { ...tenant, body: { name: 'Bygg och Bo AB' } })

  const { body: integration } = await call('post', '/v1/integrations', 201, { body: { name: 'Payroll Sync' } })
  const own = { params: { id: integration.id } }
  await call('get', '/v1/integrations', 200)
  await call('get', '/v1/integrations/{id}', 200, own)
  await call('post', '/v1/integrations/{id}/rotate-secret', 200, own)
  const grant = { ...own, body: { tenantId: 29302, types: ['*'], expiresAt: '2099-01-01T00:00:00Z' } }
  const { body: token } = await call('post', '/v1/integrations/{id}/tokens', 201, grant)
  await call('get', '/v1/integrations/{id}/tokens', 200, own)

  const { body: publisher } = await call('post', '/v1/keys', 201, { body: { kind: 'pub', name: 'billing' } })
  await call('get', '/v1/keys', 200)
  await call('get', '/v1/audit', 200)
  await call('post', '/v1/events', 201, { body: { tenantId: 404, type: 'invoice.updated', entityId: '1' } })
  await call('get', '/v1/unknown-tenants', 200)

  await call('post', '/v1/session', 204, { body: { key: operator } })
  await call('get', '/v1/session', 200)
  await call('get', '/v1/appearance', 200)
  await call('post', '/v1/portal-links', 201, { body: { integrationId: integration.id } })
  await call('post', '/v1/sign-in-links', 201, { body: {} })
  const signedIn = await fetch(`${server.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: operator }),
  })
  const cookie = signedIn.headers.getSetCookie().at(-1)!.split(';')[0]!
  const signedOut = await fetch(`${server.url}/v1/session`, {
    method: 'DELETE',
    headers: { cookie, 'x-tidings-session': '1' },
  })
  expect(signedOut.status).toBe(204)
  succeeded.add('delete /v1/session')

  const type = 'documented-thing.changed'
  await call('post', '/v1/event-types', 201, { body: { type, topic: 'documented-things', description: 'A thing.' } })
  await call('put', '/v1/event-types/{type}', 200, { params: { type }, body: { dataSchema: { type: 'object' } } })
  await call('get', '/v1/event-types', 200, { query: '?dialect=fortnox' })
  await call('get', '/v1/event-types/{type}', 200, { params: { type } })
  await call('get', '/v1/event-types/{type}/samples', 200, { params: { type: 'invoice.updated' } })

  const endpoint = {
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    headers: { 'x-extra': 'yes' },
    auth: { type: 'basic', username: 'me', password: 'secret' },
  }
  const draft = { endpoint, types: ['invoice.*'], filter: { tenantId: 29302 }, retry: { delaysSeconds: [5] } }
  const mine = { key: token.accessToken as string }
  const { body: subscription } = await call('post', '/v1/subscriptions', 201, { ...mine, body: draft })
  const ed25519 = { ...mine, body: { ...draft, types: ['order.*'], signature: 'ed25519' } }
  await call('post', '/v1/subscriptions', 201, ed25519)
  const it = { ...mine, params: { id: subscription.id } }
  await call('get', '/v1/subscriptions', 200, mine)
  await call('get', '/v1/subscriptions/{id}', 200, it)
  await call('patch', '/v1/subscriptions/{id}', 200, { ...it, body: { description: 'for the test' } })
  await call('post', '/v1/subscriptions/try', 200, { ...mine, body: { endpoint, types: ['invoice.updated'] } })
  await call('post', '/v1/subscriptions/{id}/test', 200, { ...it, body: { type: 'invoice.updated' } })
  await call('get', '/v1/subscriptions/{id}/stats', 200, it)
  await call('get', '/v1/subscriptions/{id}/missed', 200, it)
  await catchUp(mine, endpoint)
  await call('post', '/v1/subscriptions/{id}/rotate-secret', 200, { ...it, body: { overlapSeconds: 60 } })

  const event = { tenantId: 29302, type: 'invoice.updated', entityId: '3817', id: 'inv-1', data: { total: 1250.5 } }
  const publish = { key: publisher.key as string }
  await call('post', '/v1/events', 201, { ...publish, body: event })
  await call('post', '/v1/events', 422, { ...publish, body: { ...event, entityId: '3818' } })
  const lines = `${JSON.stringify({ ...event, id: 'inv-2' })}\n{"tenantId":0}\n`
  const ndjson = { 'content-type': 'application/x-ndjson' }
  await call('post', '/v1/events', 200, { ...publish, body: lines, headers: ndjson })
  await call('get', '/v1/topics', 200, mine)
  await call('get', '/v1/topics/{topic}/events', 200, { ...mine, params: { topic: 'invoices' } })
  await call('get', '/v1/topics/{topic}/events', 400, { ...mine, params: { topic: 'invoices' }, query: '?after=zzz' })
  const stream = await fetch(`${server.url}/v1/stream`, { headers: { authorization: `Bearer ${operator}` } })
  expect(openapi.paths['/v1/stream']!.get!.responses['200']!.content).toHaveProperty('text/event-stream')
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream;/)
  const { body: streams } = await call('get', '/v1/streams', 200)
  await call('delete', '/v1/streams/{id}', 204, { params: { id: streams.items[0].id } })
  await stream.body?.cancel()
  succeeded.add('get /v1/stream')
  await call('get', '/v1/nodes', 200)

  const deliveries = await expect
    .poll(async () => (await call('get', '/v1/deliveries', 200, { ...mine, query: '?status=delivered' })).body.items, {
      timeout: 20_000,
    })
    .toHaveLength(2)
    .then(() => call('get', '/v1/deliveries', 200, mine))
  const delivery = { ...mine, params: { id: deliveries.body.items[0].id } }
  await call('get', '/v1/series', 200, { ...mine, query: '?metric=deliveries&range=24h' })
  await call('get', '/v1/series/health', 200, {
    ...mine,
    query: `?subscriptions=${deliveries.body.items[0].subscription}`,
  })
  await call('get', '/v1/overview', 200, mine)
  await call('get', '/v1/series', 403, { ...mine, query: '?metric=published' })
  await call('get', '/v1/deliveries/{id}', 200, delivery)
  await call('get', '/v1/deliveries/{id}/attempts', 200, delivery)
  const { body: request } = await call('get', '/v1/deliveries/{id}/request', 200, delivery)
  expect(request).toMatchObject({ method: 'POST', url: endpoint.url })
  expect(request.headers).toContainEqual({ name: 'webhook-id', value: delivery.params.id })
  for (const name of ['x-extra', 'authorization']) expect(request.headers).toContainEqual({ name, value: null })
  expect(JSON.stringify(request)).not.toMatch(/webhook-signature|secret|whsec/)
  await call('post', '/v1/deliveries/{id}/resend', 202, delivery)
  await call('get', '/v1/deliveries', 200, { ...mine, headers: { accept: 'application/x-ndjson' } })
  await call('get', '/v1/deliveries', 404, { ...mine, query: `?subscription=${unknownId}` })
  const named = { ...mine, params: { id: 'inv-1' } }
  await call('get', '/v1/deliveries', 200, { ...mine, query: '?event=inv-1&entity=3817&tenant=29302' })
  await call('get', '/v1/events/{id}', 200, named)
  await call('get', '/v1/events/{id}', 404, { ...mine, params: { id: unknownId } })
  await call('get', '/v1/events/{id}', 400, { ...named, query: '?tenant=x' })
  await call('get', '/v1/events/{id}/explain', 200, named)
  await call('get', '/v1/events/{id}/bodies', 200, named)
  await call('get', '/v1/events', 200, { ...mine, query: '?types=invoice.*' })
  await call('get', '/v1/events', 400, { ...mine, query: '?types=?' })
  await call('post', '/v1/filters/try', 200, { ...mine, body: { filter: { tenantId: 29302 } } })
  await call('get', '/v1/subscriptions/{id}/explain', 200, { ...it, query: '?event=inv-1' })
  await call('get', '/v1/unknown-tenants', 200)
  const again = { subscription: subscription.id, status: 'delivered' }
  await call('post', '/v1/deliveries/resend', 404, { ...mine, body: { subscription: unknownId } })
  const begun = await call('post', '/v1/deliveries/resend', 202, { ...mine, body: again })
  const resend = { ...mine, params: { id: begun.body.id } }
  await call('get', '/v1/resends', 200, mine)
  await call('get', '/v1/resends/{id}', 200, resend)
  await call('post', '/v1/resends/{id}/cancel', 200, resend)

  await call('post', '/v1/subscriptions/{id}/disable', 200, it)
  await call('post', '/v1/subscriptions/{id}/enable', 200, { ...it, body: { from: 'now' } })
  await call('post', '/v1/subscriptions/{id}/rewind', 202, { ...it, body: { to: 'earliest' } })
  await call('post', '/v1/backup', 201, { body: { directory: join(directory, 'backup') } })

  await call('delete', '/v1/subscriptions/{id}', 204, it)
  await call('delete', '/v1/event-types/{type}', 204, { params: { type } })
  await call('delete', '/v1/integrations/{id}/tokens/{tokenId}', 204, {
    params: { id: integration.id, tokenId: token.id },
  })
  await call('delete', '/v1/integrations/{id}', 204, own)
  await call('delete', '/v1/keys/{id}', 204, { params: { id: publisher.id } })
  await call('delete', '/v1/tenants/{id}', 204, tenant)

  const all = nativeOperations().map(({ method, path }) => `${method} ${path}`)
  expect([...succeeded].sort()).toEqual(all.sort())
})

describe('every operation refuses as its schema says', () => {
  /** Bodies that pass the checks of form, so that what is refused is something else. */
  const bodies: Readonly<Record<string, unknown>> = {
    'post /v1/subscriptions/{id}/rewind': { to: 'earliest' },
  }
  /** The same of queries. */
  const queries: Readonly<Record<string, string>> = { 'get /v1/subscriptions/{id}/explain': '?event=inv-1' }
  const bodyOf = (method: string, path: string, operation: Documented) =>
    operation.requestBody ? (bodies[`${method} ${path}`] ?? {}) : undefined
  const guarded = () => nativeOperations().filter(({ operation }) => operation.security.length > 0)
  const withBody = () => guarded().filter(({ operation }) => operation.requestBody)
  const check = async (status: number, code: string, method: string, path: string, options: Call) => {
    const answer = await send(method, path, options)
    expect(answer, `${method} ${path}`).toMatchObject({ status, body: { code } })
    expectDocumented(method, path, answer)
  }

  test('without a key: 401', async () => {
    for (const { method, path, operation } of guarded()) {
      await check(401, 'unauthorized', method, path, { body: bodyOf(method, path, operation) })
    }
  })

  test('with a key of another kind: 403', async () => {
    const { body: publisher } = await call('post', '/v1/keys', 201, { body: { kind: 'pub' } })
    const others = guarded().filter(({ operation }) => !operation.security.some((scheme) => 'publisherKey' in scheme))
    expect(others.length).toBeGreaterThan(20)
    for (const { method, path, operation } of others) {
      await check(403, 'forbidden', method, path, { key: publisher.key, body: bodyOf(method, path, operation) })
    }
  })

  test('what does not exist: 404', async () => {
    const named = guarded().filter(({ path, method }) => path.includes('{') && method !== 'put')
    expect(named.length).toBeGreaterThan(15)
    for (const { method, path, operation } of named) {
      const query = queries[`${method} ${path}`] ?? ''
      await check(404, 'not_found', method, path, { key: operator, query, body: bodyOf(method, path, operation) })
    }
  })

  test('a key in the URL: 400', async () => {
    for (const { method, path, operation } of guarded()) {
      const body = bodyOf(method, path, operation)
      await check(400, 'malformed_request', method, path, { key: operator, query: '?token=abc', body })
    }
  })

  test('a body that is no JSON: 400', async () => {
    for (const { method, path } of withBody()) {
      await check(400, 'invalid_json', method, path, { key: operator, body: '{"a":' })
    }
  })

  test('a body of another type: 415', async () => {
    const headers = { 'content-type': 'text/csv' }
    for (const { method, path } of withBody()) {
      await check(415, 'unsupported_media_type', method, path, { key: operator, body: 'a,b', headers })
    }
  })

  test('a body that is too large: 413', async () => {
    const large = `"${'x'.repeat(1024 * 1024)}"`
    for (const { method, path } of withBody().filter((operation) => operation.path !== '/v1/events')) {
      await check(413, 'payload_too_large', method, path, { key: operator, body: large })
    }
  })

  test('an unknown field: 422', async () => {
    const { body: integration } = await call('post', '/v1/integrations', 201, { body: { name: 'Refused' } })
    await call('post', '/v1/tenants', 201, { body: { id: 7 } })
    for (const { method, path } of withBody()) {
      const id = path.startsWith('/v1/tenants') ? 7 : path.startsWith('/v1/integrations') ? integration.id : unknownId
      const code = path === '/v1/events' ? 'invalid_event' : 'invalid_request'
      const params = { id, type: 'invoice.updated' }
      await check(422, code, method, path, { key: operator, params, body: { noSuchField: 1 } })
    }
  })

  test('an unknown query: 422', async () => {
    for (const path of ['/v1/tenants', '/v1/subscriptions', '/v1/deliveries', '/v1/topics', '/v1/stream']) {
      await check(422, 'invalid_request', 'get', path, { key: operator, query: '?noSuchField=1' })
    }
  })
})
