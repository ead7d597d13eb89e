import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { adminKey, startLiveServer } from '../fixtures/live.ts'
import { joinAccount, startAccount } from './fixtures/client.ts'

/** Every way in which the five routes refuse, and what an account must never see of another. */

const blank = '- nie może być puste'
const notListed = '- nie znajduje się na liście dopuszczalnych wartości'

function operatorFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-file-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'tidings.yaml')
  writeFileSync(file, text)
  return file
}

test('attributes at fault: 422, a list for each, in Polish', async () => {
  const { call, receiver } = await startAccount()
  const refused = async (body: unknown) => {
    const { status, json } = await call('POST', '/webhooks.json', body)
    expect([status, json.code]).toEqual([422, 'error'])
    return json.message
  }
  const { url } = receiver
  expect(await refused({ webhook: { kind: 'invoice:create' } })).toEqual({ url: [blank] })
  expect(await refused({ webhook: { kind: 'invoice:create', url: '' } })).toEqual({ url: [blank] })
  expect(await refused({ webhook: {} })).toEqual({ kind: [blank], url: [blank] })
  expect(await refused({})).toEqual({ kind: [blank], url: [blank] })
  expect(await refused([1])).toEqual({ kind: [blank], url: [blank] })
  expect(await refused({ kind: 'invoice:paid', url })).toEqual({ kind: [notListed] })
  expect(await refused({ kind: 'Invoice:Create', url })).toEqual({ kind: [notListed] })
  expect(await refused({ kind: ['invoice:create'], url })).toEqual({ kind: [notListed] })
  const invalid = ['- jest nieprawidłowe']
  for (const bad of ['ftp://example.com/', 'http://169.254.169.254/', 'nonsense', 7, { a: 1 }]) {
    expect(await refused({ kind: 'invoice:create', url: bad })).toEqual({ url: invalid })
  }
  expect(await refused({ webhook: { kind: 'invoice:create', url, api_token: {} } })).toEqual({ api_token: invalid })
  expect(await refused({ kind: 'invoice:create', url, active: 'maybe' })).toEqual({ active: invalid })
  expect(await refused({ kind: 'invoice:create', url, method: 'PUT' })).toEqual({ method: [notListed] })
  expect((await call('GET', '/webhooks.json')).json).toEqual([])
})

test('401, 404 and the others: a text, in the language of the account', async () => {
  const account = await startAccount()
  const { server, call } = account
  const none = await server.call('GET', '/webhooks.json')
  expect(none).toMatchObject({ status: 401, json: { code: 'error', message: 'Brak dostępu: nieprawidłowy token API' } })
  expect(none.headers.get('content-type')).toMatch(/^application\/json/)
  for (const wrong of [
    server.call('GET', '/webhooks.json?api_token=wrong'),
    server.call('GET', '/webhooks.json?api_token=a&api_token=b'),
    server.call('GET', '/webhooks.json', { token: adminKey }),
    server.call('GET', `/webhooks.json?api_token=${account.token}`, { token: 'wrong' }),
    server.call('POST', '/webhooks.json', { body: { api_token: 'wrong', webhook: { api_token: account.token } } }),
    server.call('GET', '/webhooks/1.json'),
    server.call('DELETE', '/webhooks/1.json'),
    server.call('PATCH', '/webhooks/x/y'),
  ]) {
    expect(await wrong).toMatchObject({ status: 401, json: { code: 'error', message: expect.any(String) } })
  }
  for (const [method, path] of [
    ['GET', '/webhooks/1.json'],
    ['PUT', '/webhooks/999999999999.json'],
    ['DELETE', '/webhooks/abc.json'],
    ['GET', '/webhooks/1'],
    ['PATCH', '/webhooks.json'],
    ['PATCH', '/webhooks/1.json'],
    ['POST', '/webhooks/1.json'],
    ['GET', '/webhooks/1/2.json'],
  ] as const) {
    const body = method === 'GET' || method === 'DELETE' ? undefined : {}
    expect([method, path, await call(method, path, body)]).toMatchObject([
      method,
      path,
      { status: 404, json: { code: 'error', message: 'Nie znaleziono' } },
    ])
  }
  const english = await call('GET', '/webhooks/1.json', undefined, { 'accept-language': 'de, en-GB;q=0.9, pl;q=0.5' })
  expect(english.json).toEqual({ code: 'error', message: 'Not found' })
  const malformed = await call('POST', '/webhooks.json', '{"kind":')
  expect(malformed).toMatchObject({ status: 400, json: { code: 'error', message: 'Nie można odczytać żądania' } })
  const twice = await call('POST', '/webhooks.json', '{"kind":"a","kind":"b"}')
  expect(twice).toMatchObject({ status: 400, json: { code: 'error' } })
  const strange = await call('POST', '/webhooks.json', 'x', { 'content-type': 'text/plain' })
  expect(strange).toMatchObject({ status: 415, json: { code: 'error' } })
  const large = await call('POST', '/webhooks.json', `{"url":"${'x'.repeat(1_100_000)}"}`)
  expect(large).toMatchObject({ status: 413, json: { code: 'error', message: 'Żądanie jest zbyt duże' } })
})

test('too many wrong tokens, or too many requests: 429 with Retry-After', async () => {
  const server = await startLiveServer({ flags: { wrongKeysPerMinute: '3', requestsPerSecond: '2' } })
  for (let count = 0; count < 3; count++) {
    expect((await server.call('GET', '/webhooks.json?api_token=x')).status).toBe(401)
  }
  const refused = await server.call('GET', '/webhooks.json?api_token=x')
  expect(refused).toMatchObject({
    status: 429,
    json: { code: 'error', message: 'Zbyt wiele żądań, spróbuj ponownie później' },
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})

test("the operator names the application and the accounts' languages", async () => {
  const file = operatorFile('dialects:\n  fakturownia:\n    appName: mój-erp\n    locales: { 7: en }\n')
  const server = await startLiveServer({ file })
  const { receiver } = await startAccount()
  const english = await joinAccount(server, receiver, 7)
  const polish = await joinAccount(server, receiver, 8)
  const message = (language: string) => ({ code: 'error', message: { url: [language] } })
  const bad = { webhook: { kind: 'client:create', url: '' } }
  expect((await english.call('POST', '/webhooks.json', bad)).json).toEqual(message("- can't be blank"))
  const accepting = { 'accept-language': 'pl' }
  expect((await english.call('POST', '/webhooks.json', bad, accepting)).json).toEqual(message("- can't be blank"))
  expect((await polish.call('POST', '/webhooks.json', bad)).json).toEqual(message(blank))
  await english.call('POST', '/webhooks.json', { kind: 'client:create', url: receiver.url })
  await english.publish('customer.created', { data: {} })
  const { body } = await receiver.next()
  expect(JSON.parse(body.toString())).toMatchObject({ app_name: 'mój-erp', api_token: '', locale: 'en' })
})

test.each([
  ['dialects:\n  fakturownia:\n    language: pl\n', /fakturownia\.language/],
  ['dialects:\n  fakturownia:\n    locale: de\n', /fakturownia\.locale/],
  ['dialects:\n  fakturownia:\n    appName: ""\n    locales: { x: pl }\n', /appName[\s\S]*locales\.x/],
  ['dialects:\n  standard: {}\n', /standard/],
  ['dialects: 7\n', /dialects/],
])('settings that do not fit stop the start: %j', async (text, expected) => {
  await expect(startLiveServer({ file: operatorFile(text) })).rejects.toThrow(expected)
})

describe('the three places of the credential, and both forms of the body', () => {
  test('header, query, body, in this order', async () => {
    const { server, token, receiver } = await startAccount()
    const create = (path: string, body: object, authorization?: string) =>
      server.call('POST', path, { body, ...(authorization === undefined ? {} : { authorization }) })
    const attributes = { kind: 'product:update', url: receiver.url }
    const byHeader = await create('/webhooks.json', { ...attributes, api_token: 'flat' }, `Bearer ${token}`)
    expect(byHeader).toMatchObject({ status: 201, json: { api_token: 'flat' } })
    const byQuery = await create(`/webhooks.json?api_token=${token}`, { ...attributes, api_token: 'flat' })
    expect(byQuery).toMatchObject({ status: 201, json: { api_token: 'flat' } })
    const byBody = await create('/webhooks.json', { ...attributes, api_token: token })
    expect(byBody).toMatchObject({ status: 201, json: { api_token: '' } })
    const nested = { api_token: token, webhook: { ...attributes, api_token: 'nested' } }
    expect(await create('/webhooks.json', nested)).toMatchObject({ status: 201, json: { api_token: 'nested' } })
    const both = { api_token: 'ignored', webhook: attributes }
    expect(await create('/webhooks.json', both, `Bearer ${token}`)).toMatchObject({ json: { api_token: '' } })
    const gone = await server.call('DELETE', `/webhooks/${byBody.json.id}.json`, { body: { api_token: token } })
    expect(gone.status).toBe(204)
  })

  test('a form, as Rails writes it', async () => {
    const { server, token, receiver } = await startAccount()
    const form = (text: string) =>
      server.call('POST', '/webhooks.json', {
        body: text,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    const url = encodeURIComponent(receiver.url)
    const nested = await form(
      `api_token=${token}&webhook[kind]=invoice%3Acreate&webhook%5Burl%5D=${url}&webhook[api_token]=x+y&webhook[active]=0&webhook[a][b]=1&__proto__[x]=1`,
    )
    expect(nested).toMatchObject({ status: 201, json: { kind: 'invoice:create', api_token: 'x y', active: false } })
    const flat = await form(`api_token=${token}&kind=client:create&url=${url}`)
    expect(flat).toMatchObject({ status: 201, json: { kind: 'client:create', api_token: '', active: true } })
  })

  test('a change keeps what it does not name', async () => {
    const { call, receiver } = await startAccount()
    const made = await call('POST', '/webhooks.json', {
      webhook: { kind: 'client:create', url: receiver.url, api_token: 'mine' },
    })
    const path = `/webhooks/${made.json.id}.json`
    const put = async (body: object) => (await call('PUT', path, body)).json
    expect(await put({ webhook: { url: `${receiver.url}/2`, unknown: 1 } })).toMatchObject({
      kind: 'client:create',
      url: `${receiver.url}/2`,
      api_token: 'mine',
      active: true,
    })
    expect(await put({ kind: 'product:destroy' })).toMatchObject({ kind: 'product:destroy', api_token: 'mine' })
    expect(await put({ webhook: { active: false } })).toMatchObject({ active: false, api_token: 'mine' })
    expect(await put({ webhook: { api_token: null } })).toMatchObject({ active: false, api_token: '' })
    expect((await call('PUT', path, { webhook: { url: ' ' } })).json.message).toEqual({ url: [blank] })
    const shown = (await call('GET', path)).json
    expect(shown).toMatchObject({ id: made.json.id, kind: 'product:destroy', url: `${receiver.url}/2` })
    expect(Date.parse(shown.updated_at)).toBeGreaterThanOrEqual(Date.parse(shown.created_at))
  })
})

test('lists by pages of up to 100, unknown parameters ignored', async () => {
  const { call, receiver } = await startAccount()
  const ids: number[] = []
  for (let count = 0; count < 3; count++) {
    ids.push((await call('POST', '/webhooks.json', { kind: 'client:create', url: receiver.url })).json.id)
  }
  const list = async (query: string) =>
    (await call('GET', `/webhooks.json?${query}`)).json.map(({ id }: { id: number }) => id)
  expect(await list('a=b')).toEqual(ids)
  expect(await list('page=1&per_page=2')).toEqual(ids.slice(0, 2))
  expect(await list('page=2&per_page=2')).toEqual(ids.slice(2))
  expect(await list('page=3&per_page=2')).toEqual([])
  expect(await list('page=x&per_page=1000')).toEqual(ids)
})

test('nobody sees, changes or receives what is another account’s', async () => {
  const first = await startAccount()
  const second = await joinAccount(first.server, first.receiver, 8)
  const { id } = (
    await first.call('POST', '/webhooks.json', {
      webhook: { kind: 'client:create', url: first.receiver.url, api_token: 'secret-of-the-first' },
    })
  ).json
  await second.call('POST', '/webhooks.json', { kind: 'client:create', url: `${first.receiver.url}/second` })
  expect((await second.call('GET', '/webhooks.json')).json).toHaveLength(1)
  const missing = (await second.call('GET', '/webhooks/99.json')).json
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', { webhook: { active: false } }],
    ['DELETE', undefined],
  ] as const) {
    const answer = await second.call(method, `/webhooks/${id}.json`, body)
    expect([answer.status, answer.json]).toEqual([404, missing])
  }
  await first.publish('customer.created', { data: {} })
  await second.publish('customer.created', { data: {} })
  const requests = [await first.receiver.next(), await first.receiver.next()]
  const tokens = new Map(requests.map(({ path, body }) => [path, JSON.parse(body.toString()).api_token]))
  expect(tokens).toEqual(
    new Map([
      ['/hook', 'secret-of-the-first'],
      ['/hook/second', ''],
    ]),
  )
  // Natively neither the receiver's token nor a trace of it is shown.
  const native = await first.server.call('GET', '/v1/subscriptions', { token: adminKey })
  expect(native.text).not.toContain('secret-of-the-first')
  expect(native.text).not.toContain('sealed')
})

test('one mechanism: made here and seen natively, made natively and seen here', async () => {
  const { server, token, call, publish, receiver } = await startAccount()
  const here = (await call('POST', '/webhooks.json', { kind: 'product:create', url: receiver.url })).json
  const listed = (await server.call('GET', '/v1/subscriptions', { token })).json.items
  expect(listed).toMatchObject([{ dialect: 'fakturownia', types: ['product.created'], status: 'active' }])
  await server.call('POST', `/v1/subscriptions/${listed[0].id}/disable`, { token })
  expect((await call('GET', `/webhooks/${here.id}.json`)).json.active).toBe(false)

  const make = (types: string[], settings?: object) =>
    server.call('POST', '/v1/subscriptions', {
      token,
      body: {
        dialect: 'fakturownia',
        types,
        endpoint: { url: `${receiver.url}/native` },
        ...(settings && { settings }),
      },
    })
  expect((await make(['customer.updated'])).status).toBe(201)
  expect((await make(['invoice.*'])).status).toBe(201)
  expect((await make(['invoice.created'], { method: 'PATCH' })).status).toBe(422)
  // One webhook has one kind: the second cannot be expressed, and is not shown.
  const kinds = (await call('GET', '/webhooks.json')).json.map(({ kind }: { kind: string }) => kind)
  expect(kinds).toEqual(['product:create', 'client:update'])
  await publish('customer.updated', { data: { name: 'E' } })
  const { path, body } = await receiver.next()
  expect(path).toBe('/hook/native')
  expect(JSON.parse(body.toString()).client).toMatchObject({ name: 'E', skip_webhooks: true })
  await publish('invoice.deleted')
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ id: 111 })
})
