import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type DescribedRoute, nearly, routesOf } from './described-route.ts'
import { TracedServer } from './traced-server.ts'

/**
 * Two integrations, three tenants: `own` has one, `other` has two. Each tenant has a canary in all
 * that is its own, and another one in its events of customers; whoever was not granted the tenant, or brings a
 * token that does not show customers, must never be sent it, in whatever bytes.
 */
const adminKey = `operator-${randomBytes(12).toString('hex')}`
const tenants = [101, 102, 103] as const
const customersOf = (tenant: number) => tenant + 1_000
/** What is seen of these tenants by who may see all of them. */
const allOf = (of: readonly number[]) => [...of, ...of.map(customersOf)]
const canary = new Map(allOf(tenants).map((seen) => [seen, `canary${seen}x${randomBytes(6).toString('hex')}`]))
const eventsPerTenant = 4

interface Actor {
  readonly name: string
  /** A header, or the cookie of a session, as `Cookie tidings=…`. */
  readonly authorization: string | null
  /** Of which canaries. */
  readonly seen: readonly number[]
  readonly integration: Integration | null
}

interface Integration {
  readonly name: string
  readonly tenants: readonly number[]
  id: string
  clientId: string
  clientSecret: string
  basic: string
  tokens: { id: string; tenantId: number; accessToken: string; name: string; seen: readonly number[] }[]
  /** Sessions that links of portals became. */
  portals: { name: string; cookie: string; seen: readonly number[] }[]
  subscriptions: string[]
  deliveries: string[]
}

const data = mkdtempSync(join(tmpdir(), 'tidings-security-'))
const secrets: string[] = [adminKey]
/** Whatever reached a receiver or a stream, and whose it may be. */
const sent: { readonly to: string; readonly seen: readonly number[]; text: string }[] = []
let server: TracedServer
let receiver: Server
let document: Parameters<typeof routesOf>[0]
let routes: DescribedRoute[]
let integrations: Integration[]
let actors: Actor[]
const streams: { close(): void }[] = []
let arrived = () => {}

beforeAll(async () => {
  server = await TracedServer.start(data, adminKey)
  receiver = createServer((request, response) => {
    let text = JSON.stringify(request.headers)
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      note(request.url!.slice(1), text)
      // One in a while fails, so that there are waiting deliveries too.
      response
        .writeHead(text.includes('"entityId":"fails') ? 500 : 204, { 'webhook-allowed-origin': '*' })
        .end(text.includes('fails') ? 'no' : '')
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  for (const id of tenants) await operate('POST', '/v1/tenants', { id, name: `Company ${canary.get(id)}` })
  integrations = [await integrate('own', [101]), await integrate('other', [102, 103])]
  const { key } = await operate<{ key: string }>('POST', '/v1/keys', { kind: 'pub' })
  secrets.push(key)
  actors = [
    { name: 'nobody', authorization: null, seen: [], integration: null },
    ...integrations.flatMap((integration) => [
      {
        name: `${integration.name} basic`,
        authorization: integration.basic,
        seen: allOf(integration.tenants),
        integration,
      },
      ...integration.portals.map(({ name, cookie, seen }) => ({
        name: `${integration.name} portal ${name}`,
        authorization: cookie,
        seen,
        integration,
      })),
      ...integration.tokens.map(({ name, accessToken, seen }) => ({
        name: `${integration.name} token ${name}`,
        authorization: `Bearer ${accessToken}`,
        seen,
        integration,
      })),
    ]),
  ]
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as typeof document
  routes = routesOf(document)
  for (const actor of actors) if (actor.authorization) await openEvents(actor)
  for (const integration of integrations) await openTopics(integration)
  await publish(`Bearer ${key}`)
}, 60_000)

afterAll(async () => {
  for (const stream of streams) stream.close()
  receiver?.closeAllConnections()
  receiver?.close()
  await server?.stop()
  rmSync(data, { recursive: true, force: true })
})

async function call(method: string, path: string, authorization: string | null, body?: unknown) {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const response = await fetch(`${server.url}${path}`, {
    method,
    signal: AbortSignal.timeout(20_000),
    headers: {
      ...credentialsOf(authorization),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(text === undefined ? {} : { body: text }),
  })
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('event-stream')) {
    await response.body?.cancel()
    return { status: response.status, type, text: '' }
  }
  return { status: response.status, type, text: `${JSON.stringify([...response.headers])}\n${await response.text()}` }
}

async function operate<T>(method: string, path: string, body?: unknown, as = `Bearer ${adminKey}`): Promise<T> {
  const { status, text } = await call(method, path, as, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  const json = text.slice(text.indexOf('\n') + 1)
  return (json === '' ? undefined : JSON.parse(json)) as T
}

async function integrate(name: string, of: readonly number[]): Promise<Integration> {
  const made = await operate<{ id: string; clientId: string; clientSecret: string }>('POST', '/v1/integrations', {
    name: `${name} ${of.map((tenant) => canary.get(tenant)).join(' ')}`,
  })
  const basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString('base64')}`
  const tokens: Integration['tokens'] = []
  for (const tenantId of of) {
    const path = `/v1/integrations/${made.id}/tokens`
    const wide = await operate<{ id: string; accessToken: string }>('POST', path, { tenantId })
    tokens.push({ ...wide, tenantId, name: String(tenantId), seen: allOf([tenantId]) })
    const narrow = await operate<typeof wide>('POST', path, { tenantId, types: ['invoice.*'] })
    tokens.push({ ...narrow, tenantId, name: `${tenantId}, narrow`, seen: [tenantId] })
  }
  secrets.push(made.clientSecret, ...tokens.map(({ accessToken }) => accessToken), basic.slice(6))
  const integration: Integration = {
    ...made,
    name,
    tenants: of,
    basic,
    tokens,
    portals: [],
    subscriptions: [],
    deliveries: [],
  }
  integration.portals.push(await openPortal(made.id, null, allOf(of)))
  for (const tenantId of of) integration.portals.push(await openPortal(made.id, tenantId, allOf([tenantId])))
  const credentials: [string, readonly number[]][] = [
    [basic, allOf(of)],
    ...tokens.map(({ accessToken, seen }): [string, readonly number[]] => [`Bearer ${accessToken}`, seen]),
    ...integration.portals.map(({ cookie, seen }): [string, readonly number[]] => [cookie, seen]),
  ]
  for (const [index, [authorization, seen]] of credentials.entries()) {
    for (const dialect of ['standard', 'cloudevents']) {
      const hook = `${name}-${dialect}-${index}`
      sent.push({ to: hook, seen, text: '' })
      const [password, header] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')]
      const made = await operate<{ id: string; signingSecret: string }>(
        'POST',
        '/v1/subscriptions',
        {
          endpoint: {
            url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${hook}`,
            headers: { 'x-own': header },
            auth: { type: 'basic', username: 'user', password },
          },
          types: ['*'],
          dialect,
          description: seen.map((one) => canary.get(one)).join(' '),
          retry: { delaysSeconds: [3_600] },
        },
        authorization,
      )
      secrets.push(password, header, made.signingSecret)
      integration.subscriptions.push(made.id)
    }
  }
  return integration
}

/** Signs in as a portal's page does. */
async function openPortal(integrationId: string, tenantId: number | null, seen: readonly number[]) {
  const { url } = await operate<{ url: string }>('POST', '/v1/portal-links', { integrationId, tenantId })
  const link = url.split('#')[1]!
  const response = await fetch(`${server.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link }),
  })
  expect(response.status).toBe(204)
  const cookie = response.headers.getSetCookie().at(-1)!.split(';')[0]!
  secrets.push(link, cookie.slice(cookie.indexOf('=') + 1))
  return { name: tenantId === null ? 'of all' : `of ${tenantId}`, cookie: `Cookie ${cookie}`, seen }
}

function credentialsOf(authorization: string | null): Record<string, string> {
  if (authorization === null) return {}
  if (!authorization.startsWith('Cookie ')) return { authorization }
  return { cookie: authorization.slice('Cookie '.length), 'x-tidings-session': '1' }
}

function note(to: string, text: string): void {
  const found = sent.find((one) => one.to === to)
  if (!found) return
  found.text += `${text}\n`
  arrived()
}

/** Server-sent events, live. */
async function openEvents({ name, authorization, seen }: Actor): Promise<void> {
  const to = `events of ${name}`
  sent.push({ to, seen, text: '' })
  const abort = new AbortController()
  const response = await fetch(`${server.url}/v1/stream?topics=invoices,customers`, {
    headers: credentialsOf(authorization),
    signal: abort.signal,
  })
  expect(response.status).toBe(200)
  streams.push({ close: () => abort.abort() })
  const read = async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) note(to, chunk)
  }
  read().catch(() => {})
}

/** The Fortnox stream, of all the tenants that the integration has; then once more, asking for another's. */
async function openTopics({ name, clientSecret, tokens, tenants: of }: Integration): Promise<void> {
  const foreign = integrations.find((one) => one.name !== name)!
  const narrow = tokens.filter((token) => token.name.endsWith('narrow'))
  for (const [to, accessTokens, seen] of [
    [`topics of ${name}`, tokens.map(({ accessToken }) => accessToken), allOf(of)],
    [`topics of narrow tokens of ${name}`, narrow.map(({ accessToken }) => accessToken), of],
    [`foreign topics of ${name}`, [tokens[0]!.accessToken, foreign.tokens[0]!.accessToken], allOf(of)],
  ] as const) {
    sent.push({ to, seen, text: '' })
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/topics-v1`)
    streams.push({ close: () => socket.terminate() })
    let answers = 0
    const answered = Promise.withResolvers<void>()
    socket.on('message', (bytes) => {
      note(to, bytes.toString())
      answers += 1
      if (answers === 3) answered.resolve()
    })
    socket.on('close', () => answered.resolve())
    socket.on('error', () => answered.resolve())
    await once(socket, 'open')
    socket.send(JSON.stringify({ command: 'add-tenants-v1', clientSecret, accessTokens }))
    socket.send(JSON.stringify({ command: 'add-topics-v1', topics: [{ topic: 'invoices' }, { topic: 'customers' }] }))
    socket.send(JSON.stringify({ command: 'subscribe-v1' }))
    await answered.promise
  }
}

async function publish(authorization: string): Promise<void> {
  const events = tenants.flatMap((tenantId) =>
    [tenantId, customersOf(tenantId)].flatMap((seen) =>
      Array.from({ length: eventsPerTenant }, (_, index) => ({
        tenantId,
        type: seen === tenantId ? 'invoice.updated' : 'customer.updated',
        entityId: `${index === 0 ? 'fails' : 'e'}${index}-${canary.get(seen)}`,
        data: { note: canary.get(seen) },
      })),
    ),
  )
  const all = new Promise<void>((resolve) => {
    arrived = () => {
      const isWhole = sent.every(
        ({ to, seen, text }) =>
          to.startsWith('foreign') ||
          to.includes('cloudevents') ||
          seen.every((one) => text.includes(`e${eventsPerTenant - 1}-${canary.get(one)}`)),
      )
      if (isWhole) resolve()
    }
  })
  await operate('POST', '/v1/events', events, authorization)
  await all
  arrived = () => {}
  for (const integration of integrations) {
    const { items } = await operate<{ items: { id: string }[] }>(
      'GET',
      '/v1/deliveries?limit=50',
      undefined,
      integration.basic,
    )
    integration.deliveries = items.map(({ id }) => id)
    expect(items.length).toBeGreaterThan(0)
  }
}

/** The canaries that must not be in what is sent to whoever sees these. */
function leaks(text: string, seen: readonly number[]): string[] {
  return [...canary].filter(([one, song]) => !seen.includes(one) && text.includes(song)).map(([one]) => String(one))
}

test('what was pushed holds no canary of a tenant that was not granted, or of a type that was not', () => {
  for (const { to, seen, text } of sent) expect({ to, leaks: leaks(text, seen) }).toEqual({ to, leaks: [] })
  const pushed = sent.filter(({ to, text }) => !to.startsWith('foreign') && text !== '')
  expect(pushed.length).toBeGreaterThanOrEqual(10)
})

test('every route, by everybody, with every id: no canary of another, no change to what is another’s', {
  // 88,000 requests, a millisecond of processor each: it ends with the last of them, however slow the machine is.
  timeout: 600_000,
}, async () => {
  const before = await operate<{ items: { id: string }[] }>('GET', '/v1/subscriptions?limit=500')
  const idsOf = ({ id, tokens, subscriptions, deliveries, tenants: of }: Integration) => [
    id,
    ...of.map(String),
    ...tokens.map((token) => token.id),
    ...subscriptions,
    ...deliveries.slice(0, 4),
  ]
  let requests = 0
  const found: string[] = []
  for (const route of routes) {
    if (route.path === '/v1/stream' || route.path === '/v1/backup') continue
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
    for (const actor of actors) {
      // Signing out is what it is for; all else by that session would be refused from then on.
      if (route.method === 'DELETE' && route.path === '/v1/session' && actor.authorization?.startsWith('Cookie'))
        continue
      const foreign = integrations.filter((one) => one !== actor.integration).flatMap(idsOf)
      const siblings =
        actor.integration && actor.seen.length < allOf(actor.integration.tenants).length ? idsOf(actor.integration) : []
      const ids = route.method === 'GET' ? integrations.flatMap(idsOf) : foreign
      const paths =
        names.length === 0
          ? [route.path]
          : ['invoices', ...ids].map((id) =>
              names.reduce((path, name) => path.replace(`{${name}}`, encodeURIComponent(id)), route.path),
            )
      const queries = [
        '',
        ...tenants.map((tenant) => `?tenants=${tenant}`),
        ...foreign.slice(-6).map((id) => `?subscription=${id}`),
        ...siblings.map((id) => `?subscription=${id}`),
      ]
      const asksByQuery = route.method === 'GET' && names.length <= 1 && /topics|deliveries/.test(route.path)
      const targets = paths.flatMap((path) => (asksByQuery ? queries : ['']).map((query) => ({ path, query })))
      const ask = async ({ path, query }: { path: string; query: string }) => {
        const body = route.body && names.length > 0 ? {} : undefined
        const { status, text } = await call(route.method, `${path}${query}`, actor.authorization, body)
        requests += 1
        const leaked = leaks(text, actor.seen)
        const line = `${actor.name}: ${route.method} ${path}${query} ${status}`
        if (leaked.length > 0) found.push(`${line} leaked ${leaked}`)
        if (status >= 500) found.push(line)
        const isForeign = foreign.some((id) => path.includes(`/${encodeURIComponent(id)}`))
        if (isForeign && status < 300) found.push(`${line} acts on what is another's`)
      }
      // What changes something is asked for one after the other, so that a finding names its cause.
      const atOnce = route.method === 'GET' ? 8 : 1
      for (let first = 0; first < targets.length; first += atOnce) {
        await Promise.all(targets.slice(first, first + atOnce).map(ask))
      }
    }
  }
  console.log(
    `security matrix: ${routes.length} routes, ${actors.length} callers, ${requests.toLocaleString('en')} requests`,
  )
  expect(found).toEqual([])
  const after = await operate<{ items: { id: string }[] }>('GET', '/v1/subscriptions?limit=500')
  const kept = after.items.filter(({ id }) => before.items.some((one) => one.id === id))
  expect(kept.map(withoutTimes)).toEqual(before.items.map(withoutTimes))
})

function withoutTimes(subscription: object): object {
  return { ...subscription, stats: undefined, lastAttempt: undefined }
}

test('a session ends for good, and one of a portal opens no other', async () => {
  const [own, other] = integrations as [Integration, Integration]
  const { cookie } = await openPortal(own.id, null, allOf(own.tenants))
  for (const integrationId of [own.id, other.id]) {
    expect((await call('POST', '/v1/portal-links', cookie, { integrationId })).status).toBe(403)
  }
  expect((await call('POST', '/v1/sign-in-links', cookie, {})).status).toBe(403)
  expect((await call('GET', '/v1/subscriptions', cookie)).status).toBe(200)
  expect((await call('DELETE', '/v1/session', cookie)).status).toBe(204)
  expect((await call('GET', '/v1/subscriptions', cookie)).status).toBe(401)
})

test('no page of another origin shows the pages in a frame, or acts by a session', async () => {
  for (const path of ['/ui/', '/ui/portal', '/ui/keys']) {
    const response = await fetch(`${server.url}${path}`)
    // Without a build there is nothing to show.
    if (response.status === 503) continue
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self';.*frame-ancestors 'none'$/)
  }
  const { cookie } = integrations[0]!.portals[0]!
  for (const origin of ['https://evil.example', 'null']) {
    const headers = { ...credentialsOf(cookie), origin }
    const response = await fetch(`${server.url}/v1/subscriptions`, { headers })
    expect(response.status).toBeGreaterThanOrEqual(401)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('every native route, fuzzed from its schema: never a 5xx, and problems with a code', {
  timeout: 240_000,
}, async () => {
  const native = routes.filter(({ path }) => path.startsWith('/v1/') && path !== '/v1/backup')
  let requests = 0
  for (const route of native) {
    const parameters = fc.record(
      Object.fromEntries(
        route.parameters.map(({ name, in: place, schema }) => [
          name,
          place === 'path'
            ? fc.oneof(
                fc.string({ minLength: 1, maxLength: 60 }),
                fc.constantFrom('101', 'invoices', '..', '%00', 'sub_x'),
              )
            : nearly(schema, document),
        ]),
      ),
      { requiredKeys: route.parameters.filter((one) => one.in === 'path').map(({ name }) => name) },
    ) as fc.Arbitrary<Record<string, unknown>>
    const body = route.body ? nearly(route.body, document) : fc.constant(undefined)
    const callers = fc.constantFrom(`Bearer ${adminKey}`, integrations[0]!.basic)
    await fc.assert(
      fc.asyncProperty(parameters, body, callers, async (given, content, authorization) => {
        const query = new URLSearchParams()
        let path = route.path
        for (const { name, in: place } of route.parameters) {
          if (given[name] === undefined) continue
          const text = String(typeof given[name] === 'object' ? JSON.stringify(given[name]) : given[name])
          if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(text.toWellFormed()))
          else if (name !== 'wait') query.set(name, text.toWellFormed())
        }
        const { status, type } = await call(route.method, `${path}?${query}`, authorization, content)
        requests += 1
        expect(status, `${route.method} ${path}`).toBeLessThan(500)
        if (status >= 400) expect(type).toMatch(/^application\/problem\+json/)
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 25) },
    )
  }
  console.log(`fuzzed ${native.length} native routes with ${requests.toLocaleString('en')} requests`)
})

test('no secret is in the logs, in answers or in error texts', { timeout: 60_000 }, async () => {
  const answers: string[] = []
  for (const path of [
    '/v1/subscriptions?limit=500',
    '/v1/integrations',
    '/v1/keys',
    '/v1/tenants',
    '/v1/audit?limit=500',
    '/v1/deliveries',
    '/metrics',
    '/openapi.json',
    '/asyncapi.json',
  ]) {
    answers.push((await call('GET', path, `Bearer ${adminKey}`)).text)
  }
  for (const { basic, subscriptions } of integrations) {
    for (const id of subscriptions) answers.push((await call('GET', `/v1/subscriptions/${id}`, basic)).text)
    answers.push(
      (await call('POST', '/v1/subscriptions', basic, { endpoint: { url: 'http://user:hidden@127.0.0.1' } })).text,
    )
  }
  for (const secret of secrets) {
    answers.push((await call('GET', '/v1/tenants', `Bearer ${secret}x`)).text)
    answers.push((await call('GET', `/v1/tenants?access_token=${encodeURIComponent(secret)}`, null)).text)
    answers.push((await call('GET', `/v1/nothing/${encodeURIComponent(secret)}`, null)).text)
  }
  expect(await server.stop()).toBe(0)
  expect(server.said.split('\n').length).toBeGreaterThan(100)
  for (const [index, secret] of secrets.entries()) {
    expect({ index, inLogs: server.said.includes(secret) }).toEqual({ index, inLogs: false })
    expect({ index, answer: answers.find((text) => text.includes(secret)) }).toEqual({ index, answer: undefined })
  }
  for (const text of canary.values()) expect(server.said.includes(text)).toBe(false)
})
