import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../core/time/clock.ts'
import { createApp } from '../http/app.ts'
import { dialects } from './dialects.ts'
import { idleHost } from './fixtures/idle-host.ts'
import {
  type Answer,
  type CallOptions,
  grantedTenant,
  type LiveServer,
  startLiveReceiver,
  startLiveServer,
} from './fixtures/live.ts'
import { basic, day } from './tripletex/fixtures/client.ts'

interface Operation {
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: object; readonly securitySchemes: object }
}

/** Which dialect a path belongs to: the interface of `standard` is the native one. */
const prefixes: Readonly<Record<string, RegExp>> = {
  tripletex: /^\/v2\//,
  moneybird: /^\/api\/v2\//,
  fakturownia: /^\/webhooks[./]/,
  'visma-business-nxt': /^\/visma-nxt\//,
  cloudevents: /^\/cloudevents\//,
  fortnox: /^\/topics-v1/,
}

async function described(server: LiveServer): Promise<{ openapi: OpenApi; ajv: Ajv2020 }> {
  const openapi = (await server.call('GET', '/openapi.json')).json as OpenApi
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'openapi', ...openapi })
  return { openapi, ajv }
}

function pathsOf(openapi: OpenApi, dialect: string): [path: string, methods: Readonly<Record<string, Operation>>][] {
  return Object.entries(openapi.paths).filter(([path]) => prefixes[dialect]!.test(path))
}

/** The routes of a dialect as its code registers them; those of all methods but some are its refusals. */
async function registered(dialect: string): Promise<{ method: string; url: string }[]> {
  const routes: { method: string; url: string }[] = []
  const app = createApp({
    trustProxies: [],
    guard: { authenticate: () => Promise.reject(new Error('not asked')) },
    onRequestDone: () => {},
    onFailure: () => {},
  })
  app.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat()
    if (methods.length < 3) for (const one of methods) routes.push({ method: one, url })
  })
  const host = idleHost({ clock: systemClock })
  await app.register(async (scope) => dialects.find(({ name }) => name === dialect)!.routes!(scope, host))
  await app.ready()
  await app.close()
  return routes
}

describe('the document', () => {
  let openapi: OpenApi
  let served = ''
  test('is valid, names every dialect with an interface, and is shown in the page', async () => {
    const server = await startLiveServer()
    openapi = (await described(server)).openapi
    served = (await server.call('GET', '/docs')).text
    expect(await new Validator().validate(structuredClone(openapi) as never)).toMatchObject({ valid: true })
    for (const [dialect] of Object.entries(prefixes)) {
      const paths = pathsOf(openapi, dialect)
      expect(paths.length, dialect).toBeGreaterThan(0)
      for (const [path, methods] of paths) {
        const escaped = path.replaceAll('>', '&gt;')
        for (const { tags } of Object.values(methods)) expect(served).toContain(`>${tags[0]}<`)
        expect(served).toContain(`<code>${escaped}</code>`)
      }
    }
  })

  test.each(dialects.filter(({ routes }) => routes).map(({ name }) => name))(
    'has every route of %s, and no other',
    async (dialect) => {
      const routes = await registered(dialect)
      expect(routes.length).toBeGreaterThan(1)
      const described = pathsOf(openapi, dialect).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
      )
      const isOf = (route: { method: string; url: string }, { method, path }: { method: string; path: string }) =>
        route.method === method && new RegExp(`^${route.url.replace(/:\w+/g, '[^/]+')}$`).test(path)
      for (const route of routes)
        expect(
          described.some((one) => isOf(route, one)),
          JSON.stringify(route),
        ).toBe(true)
      for (const one of described)
        expect(
          routes.some((route) => isOf(route, one)),
          JSON.stringify(one),
        ).toBe(true)
    },
  )
})

describe('the answers are as the document says', () => {
  let server: LiveServer
  let openapi: OpenApi
  let ajv: Ajv2020
  let answered: Set<string>

  async function begin(): Promise<void> {
    server = await startLiveServer()
    ;({ openapi, ajv } = await described(server))
    answered = new Set()
  }

  /** Calls an operation, and holds its answer against the document. */
  async function call(
    method: string,
    path: string,
    expected: number,
    options: CallOptions & { readonly params?: Readonly<Record<string, unknown>>; readonly query?: string } = {},
  ): Promise<Answer> {
    const { params = {}, query = '', ...rest } = options
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name]))
    const answer = await server.call(method.toUpperCase(), `${url}${query}`, rest)
    const place = `${method} ${path}: ${answer.status} ${answer.text}`
    expect(answer.status, place).toBe(expected)
    const documented = openapi.paths[path]?.[method]?.responses[expected]
    expect(documented, place).toBeDefined()
    if (documented?.content === undefined) expect(answer.text, place).toBe('')
    else {
      const type = (answer.headers.get('content-type') ?? '').split(';')[0]!
      expect(Object.keys(documented.content), place).toContain(type)
      const pointer = ['paths', path, method, 'responses', `${expected}`, 'content', type, 'schema']
        .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
        .join('/')
      const body = answer.json ?? answer.text
      expect(ajv.validate(`openapi#/${pointer}`, body), `${place} ${ajv.errorsText()}`).toBe(true)
    }
    if (expected < 400) answered.add(`${method} ${path}`)
    return answer
  }

  /** Every operation was answered well once, and every guarded one refuses who brings no credential. */
  async function finish(dialect: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [path, methods] of pathsOf(openapi, dialect)) {
      for (const [method, { security }] of Object.entries(methods)) {
        expect(answered).toContain(`${method} ${path}`)
        if (security.length === 0) continue
        const body = ['post', 'put', 'patch'].includes(method) ? { body: {} } : {}
        await call(method, path, 401, { params, ...body })
      }
    }
  }

  test('tripletex', async () => {
    await begin()
    const { id: integrationId, clientSecret } = await server.operate('POST', '/v1/integrations', { name: 'App' })
    const { token } = await grantedTenant(server, { tenantId: 29300, name: 'Group', integrationId })
    await server.operate('POST', '/v1/tenants', { id: 29302, name: 'Bygg AB', parentId: 29300 })
    const wanted = { consumerToken: clientSecret, employeeToken: token, expirationDate: day(server, 2) }
    const { json } = await call('put', '/v2/token/session/:create', 200, { query: `?${new URLSearchParams(wanted)}` })
    const second = await call('post', '/v2/token/session/:create', 201, { body: wanted })
    await call('post', '/v2/token/session/:create', 422, { body: {} })
    const own = { authorization: basic(0, json.value.token) }
    await call('get', '/v2/token/session/>whoAmI', 200, own)
    await call('get', '/v2/company/>withLoginAccess', 200, own)
    await call('delete', '/v2/token/session/{token}', 204, { ...own, params: { token: second.json.value.token } })

    await call('get', '/v2/event', 200)
    await call('get', '/v2/event/{eventType}', 200, { ...own, params: { eventType: 'product.update' } })
    const body = { event: 'product.update', targetUrl: 'http://127.0.0.1:9/hook', fields: 'id,name' }
    const made = await call('post', '/v2/event/subscription', 201, { ...own, body })
    const params = { id: made.json.value.id }
    await call('get', '/v2/event/subscription/{id}', 200, { ...own, params })
    await call('put', '/v2/event/subscription/{id}', 200, { ...own, params, body: { ...params, status: 'DISABLED' } })
    const list = await call('get', '/v2/event/subscription', 200, { ...own, headers: { 'if-none-match': 'x' } })
    const known = { 'if-none-match': list.json.versionDigest }
    await call('get', '/v2/event/subscription', 304, { ...own, headers: known })
    await call('get', '/v2/event/subscription', 200, { ...own, query: '?fields=id&sorting=-id&from=0&count=1' })
    await call('get', '/v2/event/subscription', 400, { ...own, query: '?fields=nothing' })
    const several = await call('post', '/v2/event/subscription/list', 201, {
      ...own,
      body: [{ ...body, event: 'product.create' }],
    })
    const [{ id }] = several.json.values
    await call('put', '/v2/event/subscription/list', 200, { ...own, body: [{ id, fields: 'id' }] })
    await call('delete', '/v2/event/subscription/list', 204, { ...own, query: `?ids=${id}` })
    await call('delete', '/v2/event/subscription/{id}', 204, { ...own, params })
    await call('get', '/v2/event/subscription/{id}', 404, { ...own, params })
    await finish('tripletex', { id: 1, eventType: 'product.update', token: 'x' })
  })

  test('moneybird', async () => {
    await begin()
    const receiver = await startLiveReceiver(server.clock)
    const { token } = await grantedTenant(server, { tenantId: 29302, name: 'Bygg AB' })
    for (const end of ['', '.json']) {
      await call('get', `/api/v2/administrations${end}`, 200, { token })
      const own = { token, params: { administration: 29302 } }
      const body = { url: receiver.url, enabled_events: ['contact_created'] }
      const { json } = await call('post', `/api/v2/{administration}/webhooks${end}`, 201, { ...own, body })
      const it = { token, params: { administration: 29302, id: json.id } }
      await call('get', `/api/v2/{administration}/webhooks${end}`, 200, own)
      await call('patch', `/api/v2/{administration}/webhooks/{id}/deactivate${end}`, 200, it)
      await call('get', `/api/v2/{administration}/webhooks${end}`, 200, own)
      await call('patch', `/api/v2/{administration}/webhooks/{id}/activate${end}`, 200, it)
      await call('post', `/api/v2/{administration}/webhooks${end}`, 400, { ...own, body: {} })
      await call('delete', '/api/v2/{administration}/webhooks/{id}', 204, it)
      await call('delete', '/api/v2/{administration}/webhooks/{id}', 404, it)
    }
    await finish('moneybird', { administration: 29302, id: '1' })
    for (let count = 0; count < 150; count++) await server.call('GET', '/api/v2/administrations', { token })
    await call('get', '/api/v2/administrations', 429, { token })
  })

  test('fakturownia', async () => {
    await begin()
    const { token } = await grantedTenant(server, { tenantId: 7 })
    const query = `?api_token=${token}`
    const webhook = { kind: 'invoice:create', url: 'http://127.0.0.1:9/hook', api_token: 'ours' }
    const { json } = await call('post', '/webhooks.json', 201, { query, body: { webhook } })
    await call('post', '/webhooks.json', 201, { token, body: { ...webhook, method: 'GET' } })
    await call('post', '/webhooks.json', 422, { query, body: {} })
    const form = {
      body: new URLSearchParams(webhook).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }
    await call('post', '/webhooks.json', 201, { query, ...form })
    await call('get', '/webhooks.json', 200, { query: `${query}&page=1&per_page=2` })
    const params = { id: json.id }
    await call('get', '/webhooks/{id}.json', 200, { query, params })
    await call('put', '/webhooks/{id}.json', 200, { query, params, body: { webhook: { active: false } } })
    await call('delete', '/webhooks/{id}.json', 204, { query, params })
    await call('get', '/webhooks/{id}.json', 404, { query, params })
    await finish('fakturownia', { id: 1 })
  })

  test('visma-business-nxt', async () => {
    await begin()
    const {
      id: integrationId,
      clientId,
      clientSecret,
    } = await server.operate('POST', '/v1/integrations', { name: 'App' })
    await grantedTenant(server, { tenantId: 4801958, integrationId })
    const authorization = basic(clientId, clientSecret)
    const targets = '/visma-nxt/v1/webhook-targets'
    const { json: target } = await call('post', targets, 201, {
      authorization,
      body: { url: 'http://127.0.0.1:9/hook' },
    })
    const ofTarget = { authorization, params: { id: target.id } }
    await call('get', targets, 200, { authorization })
    await call('get', `${targets}/{id}`, 200, ofTarget)
    await call('patch', `${targets}/{id}`, 200, { ...ofTarget, body: { retryPolicy: { kind: 'none' } } })
    await call('post', `${targets}/{id}/rotate-signature-key`, 200, ofTarget)
    const subscriptions = '/visma-nxt/v1/webhook-subscriptions'
    const body = { targetId: target.id, tableIdentifier: 'Order' }
    const { json: made } = await call('post', subscriptions, 201, { authorization, body })
    await call('post', subscriptions, 409, { authorization, body })
    await call('post', subscriptions, 422, { authorization, body: { ...body, tableIdentifier: 'Nothing' } })
    const it = { authorization, params: { id: made.id } }
    await call('get', subscriptions, 200, { authorization })
    await call('get', `${subscriptions}/{id}`, 200, it)
    await call('patch', `${subscriptions}/{id}`, 200, { ...it, body: { active: false } })
    await call('delete', `${subscriptions}/{id}`, 204, it)
    await call('get', `${subscriptions}/{id}`, 404, it)
    await call('delete', `${targets}/{id}`, 204, ofTarget)
    await finish('visma-business-nxt', { id: 'x' })
  })

  test('cloudevents', async () => {
    await begin()
    const path = '/cloudevents/v1/consent/{id}/{key}'
    for (const method of ['get', 'post']) {
      await call(method, path, 404, { params: { id: 'sub_1', key: 'wrong' } })
      await call(method, path, 400, {
        params: { id: 'sub_1', key: 'wrong' },
        headers: { 'webhook-allowed-rate': 'none' },
      })
    }
  })

  test('fortnox', async () => {
    await begin()
    await call('get', '/topics-v1', 404)
  })
})
