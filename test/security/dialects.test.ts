import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorShapes } from '../../packages/server/src/dialects/fixtures/error-shapes.ts'
import { type DialectRoute, routesOfDialects } from './dialect-routes.ts'
import { TracedServer } from './traced-server.ts'

/**
 * Every route of every dialect, by everybody, with every id. Three tenants: `own` has one, `other` has
 * two. What is made of each tenant in each dialect holds the tenant's canary.
 */
const adminKey = `operator-${randomBytes(12).toString('hex')}`
const tenants = [101, 102, 103] as const
const canary = new Map(tenants.map((tenant) => [tenant as number, `canary${tenant}x${randomBytes(6).toString('hex')}`]))
const absentNumber = 999_999
const missing = {
  tripletex: String(absentNumber),
  moneybird: '116000000999000000',
  fakturownia: '999999.json',
  'visma-business-nxt': 'rec_missing',
  cloudevents: 'sub_missing',
} as const
type DialectName = keyof typeof missing

interface Integration {
  readonly id: string
  readonly clientSecret: string
  readonly basic: string
  readonly tenants: readonly number[]
}

interface Caller {
  readonly name: string
  readonly tenants: readonly number[]
  /** A credential of the dialect; null: none. */
  readonly authorization: (dialect: string) => Promise<string | null> | string | null
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
  readonly headers: IncomingHttpHeaders
}

const data = mkdtempSync(join(tmpdir(), 'tidings-security-dialects-'))
const agent = new Agent({ keepAlive: true })
const secrets: string[] = [adminKey]
/** Ids of what is made of each tenant, by dialect. */
const idsOf = new Map<string, Map<number, string[]>>()
let server: TracedServer
let receiver: Server
let hook: string
let routes: readonly DialectRoute[]
let integrations: readonly Integration[]
let callers: readonly Caller[]

beforeAll(async () => {
  server = await TracedServer.start(data, adminKey)
  receiver = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'webhook-allowed-origin': '*' }).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  routes = await routesOfDialects()
  for (const id of tenants) await operate('POST', '/v1/tenants', { id, name: `Company ${canary.get(id)}` })
  integrations = [await integrate([101]), await integrate([102, 103])]
  for (const integration of integrations) for (const tenant of integration.tenants) await furnish(integration, tenant)
  callers = [
    { name: 'nobody', tenants: [], authorization: () => null },
    { name: 'a guess', tenants: [], authorization: () => 'Bearer guess' },
    ...integrations.flatMap((integration) =>
      integration.tenants.map((tenant): Caller => {
        const isOfAll = (dialect: string) => dialect === 'visma-business-nxt'
        return {
          name: `tenant ${tenant}`,
          tenants: [tenant],
          authorization: (dialect) =>
            isOfAll(dialect) ? integration.basic : credentialOf(integration, tenant, dialect),
        }
      }),
    ),
  ]
}, 60_000)

afterAll(async () => {
  agent.destroy()
  receiver?.closeAllConnections()
  receiver?.close()
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Over a bare client: `fetch` tidies paths up, and knows no TRACE. */
function call(
  method: string,
  path: string,
  authorization: string | null,
  body?: string,
  contentType = 'application/json',
): Promise<Answer> {
  const headers = {
    ...(authorization && { authorization }),
    // Of DELETE Node does not say how long the body is.
    ...(body !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
  }
  return new Promise((resolve, reject) => {
    const asked = request(server.url, { method, path, headers, agent, timeout: 20_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers: got } = response
        resolve({ status: statusCode, type: got['content-type'] ?? '', text, headers: got })
      })
    })
    asked.on('timeout', () => asked.destroy(new Error(`${method} ${path} is not answered`)))
    asked.on('error', reject).end(body)
  })
}

async function operate<T>(method: string, path: string, body?: unknown, as = `Bearer ${adminKey}`): Promise<T> {
  const { status, text } = await call(method, path, as, body === undefined ? undefined : JSON.stringify(body))
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

async function integrate(of: readonly number[]): Promise<Integration> {
  const name = of.map((tenant) => canary.get(tenant)).join(' ')
  const { id, clientId, clientSecret } = await operate<{ id: string; clientId: string; clientSecret: string }>(
    'POST',
    '/v1/integrations',
    { name },
  )
  secrets.push(clientSecret)
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  return { id, clientSecret, basic, tenants: of }
}

async function accessToken({ id }: Integration, tenantId: number): Promise<string> {
  const made = await operate<{ accessToken: string }>('POST', `/v1/integrations/${id}/tokens`, { tenantId })
  secrets.push(made.accessToken)
  return made.accessToken
}

/** Tripletex's session tokens stand in its paths. */
const sessions = new Map<number, string>()
const kept = new Map<string, { authorization: string; uses: number }>()
/** Moneybird takes 150 requests of a token in five minutes. */
const mostUses = 120

/** In the dialect's own words; another token when one has been used often. */
async function credentialOf(integration: Integration, tenant: number, dialect: string): Promise<string> {
  const key = `${dialect} ${tenant}`
  const known = kept.get(key)
  if (known && (dialect !== 'moneybird' || known.uses < mostUses)) {
    known.uses += 1
    return known.authorization
  }
  const token = await accessToken(integration, tenant)
  let authorization = `Bearer ${token}`
  if (dialect === 'tripletex') {
    const expirationDate = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)
    const query = new URLSearchParams({
      consumerToken: integration.clientSecret,
      employeeToken: token,
      expirationDate,
    })
    const path = `/v2/token/session/:create?${query}`
    const session = (await operate<{ value: { token: string } }>('PUT', path, undefined, '')).value.token
    secrets.push(session)
    sessions.set(tenant, session)
    authorization = `Basic ${Buffer.from(`0:${session}`).toString('base64')}`
  }
  kept.set(key, { authorization, uses: 1 })
  return authorization
}

/** One webhook of the tenant in each dialect, made as its integrators make them. */
async function furnish(integration: Integration, tenant: number): Promise<void> {
  const url = `${hook}/${canary.get(tenant)}`
  const secret = () => {
    const text = randomBytes(12).toString('hex')
    secrets.push(text)
    return text
  }
  const as = (dialect: string) => credentialOf(integration, tenant, dialect)
  const note = (dialect: DialectName, ...ids: string[]) => {
    const ofDialect = idsOf.get(dialect) ?? new Map<number, string[]>()
    idsOf.set(dialect, ofDialect.set(tenant, [...(ofDialect.get(tenant) ?? []), ...ids]))
  }
  const tripletex = await operate<{ value: { id: number } }>(
    'POST',
    '/v2/event/subscription',
    {
      event: 'product.create',
      targetUrl: url,
      authHeaderName: 'X-Own',
      authHeaderValue: secret(),
      hmacSharedSecret: secret(),
    },
    await as('tripletex'),
  )
  note('tripletex', String(tripletex.value.id), sessions.get(tenant)!)
  const moneybird = await operate<{ id: string; secret: string }>(
    'POST',
    `/api/v2/${tenant}/webhooks`,
    { url, enabled_events: ['contact'] },
    await as('moneybird'),
  )
  secrets.push(moneybird.secret)
  note('moneybird', moneybird.id)
  const fakturownia = await operate<{ id: number }>(
    'POST',
    '/webhooks.json',
    { kind: 'invoice:create', url },
    await as('fakturownia'),
  )
  note('fakturownia', `${fakturownia.id}.json`)
  const target = await operate<{ id: string; signatureKey: string }>(
    'POST',
    '/visma-nxt/v1/webhook-targets',
    { url },
    integration.basic,
  )
  secrets.push(target.signatureKey)
  const row = { targetId: target.id, companyNo: tenant, tableIdentifier: 'Order' }
  const nxt = await operate<{ id: string }>('POST', '/visma-nxt/v1/webhook-subscriptions', row, integration.basic)
  note('visma-business-nxt', target.id, nxt.id)
  const plain = { dialect: 'cloudevents', types: ['*'], endpoint: { url } }
  const native = await operate<{ id: string; signingSecret: string }>(
    'POST',
    '/v1/subscriptions',
    plain,
    await as('cloudevents'),
  )
  secrets.push(native.signingSecret)
  note('cloudevents', native.id)
}

/** Whose it is, as a caller of the dialect sees it: the Business NXT dialect is an application's as a whole. */
function seenBy(caller: Caller, dialect: string): readonly number[] {
  if (dialect !== 'visma-business-nxt' || caller.tenants.length === 0) return caller.tenants
  return integrations.find((one) => one.tenants.includes(caller.tenants[0]!))!.tenants
}

function leaks(text: string, seen: readonly number[]): number[] {
  return tenants.filter((tenant) => !seen.includes(tenant) && text.includes(canary.get(tenant)!))
}

/** Without what is another in every answer. */
function compared({ status, text }: Answer, id: string): string {
  // A short number stands in many places, and is echoed in none.
  const plain = id.length < 4 ? text : text.replaceAll(id, '<id>')
  return `${status} ${plain.replace(/"requestId":"[^"]*"/, '"requestId":"…"')}`
}

/** What a caller may send with an id, so that the route would act if it were its own. */
function actionsOf(route: DialectRoute, id: string, administration: string): { path: string; body?: string }[] {
  const { method, url } = route
  const path = url
    .replace(':administration', administration)
    .replace(/:(id|file|eventType|token)\b/, encodeURIComponent(id))
    .replace(':key', 'x'.repeat(43))
  const bodies: Readonly<Record<string, object>> = {
    tripletex: { status: 'DISABLED' },
    fakturownia: { webhook: { active: false } },
    'visma-business-nxt': url.endsWith('/:id') ? { url: `${hook}/taken` } : {},
    moneybird: {},
    cloudevents: {},
  }
  const isWriting = method === 'POST' || method === 'PUT' || method === 'PATCH'
  if (!url.includes(':')) {
    const isList = url.endsWith('/list')
    if (isList && method === 'DELETE') return [{ path: `${path}?ids=${Number(id) || absentNumber}` }]
    if (isList && method === 'PUT') {
      return [{ path, body: JSON.stringify([{ id: Number(id) || absentNumber, status: 'DISABLED' }]) }]
    }
    if (url.endsWith('/webhook-subscriptions') && method === 'POST') {
      return [{ path, body: JSON.stringify({ targetId: id, companyNo: 101, tableIdentifier: 'Product' }) }]
    }
    return [isWriting ? { path, body: '{}' } : { path }]
  }
  return [isWriting ? { path, body: JSON.stringify(bodies[route.dialect]) } : { path }]
}

test('every route is known', () => {
  expect(new Set(routes.map(({ dialect }) => dialect))).toEqual(new Set(Object.keys(missing)))
  expect(routes.length).toBeGreaterThan(80)
})

test('every route, by everybody, with every id of another: no canary, no change, and the answer to an id that there is not', {
  timeout: 240_000,
}, async () => {
  const stateNow = async () => {
    const { items } = await operate<{ items: object[] }>('GET', '/v1/subscriptions?limit=500')
    return items.map((item) => ({ ...item, stats: undefined, behind: undefined }))
  }
  const before = await stateNow()
  const found: string[] = []
  let requests = 0
  for (const route of routes) {
    const { dialect, method, url } = route
    const absent = missing[dialect as DialectName]
    for (const caller of callers) {
      const seen = seenBy(caller, dialect)
      const others = tenants.filter((tenant) => !seen.includes(tenant))
      const foreign = others.flatMap((tenant) =>
        idsOf
          .get(dialect)!
          .get(tenant)!
          .map((id) => ({ id, tenant })),
      )
      const own = String(caller.tenants[0] ?? tenants[0])
      const ask = async (id: string, administration: string) => {
        const answers: string[] = []
        for (const { path, body } of actionsOf(route, id, administration)) {
          const answer = await call(method, path, await caller.authorization(dialect), body)
          requests += 1
          const text = `${JSON.stringify(answer.headers)}\n${answer.text}`
          const line = `${caller.name}: ${dialect} ${method} ${path} ${answer.status}`
          const leaked = leaks(text, seen)
          if (leaked.length > 0) found.push(`${line} leaked ${leaked}`)
          if (answer.status >= 500) found.push(line)
          if (answer.status >= 400 && method !== 'HEAD') {
            try {
              errorShapes[dialect]!({ ...answer, header: (name) => answer.headers[name]?.toString() })
            } catch (error) {
              found.push(`${line} in another shape: ${answer.text.slice(0, 200)} ${(error as Error).message}`)
            }
          }
          answers.push(compared(answer, id))
        }
        return answers
      }
      const places = url.includes(':administration') ? [own, ...others.map(String)] : [own]
      for (const place of places) {
        const ofAbsent = await ask(absent, place)
        for (const { id } of foreign) {
          const ofForeign = await ask(id, place)
          if (ofForeign.join() !== ofAbsent.join()) {
            found.push(`${caller.name}: ${dialect} ${method} ${url} ${id}: ${ofForeign} for ${ofAbsent}`)
          }
        }
      }
    }
  }
  console.log(`dialects: ${routes.length} routes, ${callers.length} callers, ${requests.toLocaleString('en')} requests`)
  expect(found).toEqual([])
  expect(await stateNow()).toEqual(before)
})

describe('fuzzed', () => {
  const odd = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.constantFrom(
      '..',
      '%',
      '\0',
      '__proto__',
      '0',
      '-1',
      '9'.repeat(30),
      '1.json',
      'null',
      ':create',
      'a'.repeat(600),
    ),
  )
  const names = [
    'url',
    'kind',
    'webhook',
    'api_token',
    'enabled_events',
    'event',
    'targetUrl',
    'fields',
    'status',
    'version',
    'id',
    'retryPolicy',
    'tableIdentifier',
    'companyNo',
    'targetId',
    'signatureKey',
  ]
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('https://example.com/h', 'invoice:create', 'product.create', 'ACTIVE', 'Order', 1, 2 ** 53, 1e308),
  )
  const object = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), value, { maxKeys: 5 })
  const body = fc.oneof(
    { weight: 6, arbitrary: object.map((each) => JSON.stringify(each)) },
    { weight: 2, arbitrary: fc.array(object, { maxLength: 3 }).map((each) => JSON.stringify(each)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
    { weight: 1, arbitrary: fc.integer({ min: 10, max: 60_000 }).map((depth) => '['.repeat(depth)) },
  )
  const type = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/octet-stream',
  )
  const query = fc.dictionary(
    fc.constantFrom('from', 'count', 'sorting', 'fields', 'ids', 'page', 'per_page', 'cursor', 'limit', 'api_token2'),
    fc.string({ maxLength: 20 }),
    { maxKeys: 3 },
  )

  test.each(Object.keys(missing))(
    '%s: never a 5xx, and errors in its own shape',
    async (dialect) => {
      let requests = 0
      const check = errorShapes[dialect]!
      // What it makes is its own; 103 has no part in the matrix any more.
      const integration = integrations[1]!
      for (const route of routes.filter((one) => one.dialect === dialect)) {
        const parameters = [...route.url.matchAll(/:(\w+)|\*/g)]
        await fc.assert(
          fc.asyncProperty(
            fc.array(odd, { minLength: parameters.length, maxLength: parameters.length }),
            query,
            body,
            type,
            async (texts, asked, content, contentType) => {
              let path = route.url
              for (const [index, [placeholder]] of parameters.entries()) {
                path = path.replace(placeholder, () => encodeURIComponent(texts[index]!.toWellFormed()))
              }
              const authorization =
                dialect === 'visma-business-nxt' ? integration.basic : await credentialOf(integration, 103, dialect)
              const search = new URLSearchParams(
                Object.entries(asked).map(([name, text]): [string, string] => [name, text.toWellFormed()]),
              )
              const hasBody = !['GET', 'HEAD'].includes(route.method)
              const answer = await call(
                route.method,
                `${path}?${search}`,
                authorization,
                hasBody ? content.toWellFormed() : undefined,
                contentType,
              )
              requests += 1
              const line = `${route.method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`
              expect(answer.status, line).toBeLessThan(500)
              if (answer.status < 400 || route.method === 'HEAD') return
              try {
                check({ ...answer, header: (name) => answer.headers[name]?.toString() })
              } catch (error) {
                throw new Error(line, { cause: error })
              }
            },
          ),
          { numRuns: Number(process.env.FUZZ_RUNS ?? 15) },
        )
      }
      console.log(`fuzzed the routes of ${dialect} with ${requests.toLocaleString('en')} requests`)
    },
    240_000,
  )
})

test('no secret and no canary is in the logs', { timeout: 60_000 }, async () => {
  expect(await server.stop()).toBe(0)
  expect(server.said.split('\n').length).toBeGreaterThan(100)
  for (const [index, secret] of secrets.entries()) {
    expect({ index, inLogs: server.said.includes(secret) }).toEqual({ index, inLogs: false })
  }
  for (const text of canary.values()) expect(server.said.includes(text)).toBe(false)
})
