import { request as sendRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { type Answer, adminKey, grantedTenant, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'

/** Every row of the contract's table of errors, and who sees what. */

async function start() {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token, tokenId, integrationId } = await grantedTenant(server, { tenantId: 29302, name: 'Bygg AB' })
  const api = (method: string, path: string, body?: unknown) => server.call(method, `/api/v2${path}`, { token, body })
  const create = (body: unknown) => api('POST', '/29302/webhooks', body)
  return { server, receiver, token, tokenId, integrationId, api, create }
}

const of = ({ status, json }: Answer) => [status, json]

const urlRequired = [400, { error: 'Url is required', symbolic: { url: 'required' } }]
const notFound = [404, { error: 'record not found', symbolic: { id: 'not_found' } }]
const noWebhook = [404, { error: 'Record not found for model name: Webhook' }]
const noId = '116000000999000000'

test('a body that is no webhook makes nothing and asks nobody', async () => {
  const { create, api, receiver } = await start()
  for (const body of [
    {},
    { url: '' },
    { url: ' ' },
    { url: null },
    { url: 7 },
    { webhook: { url: receiver.url } },
    [],
    'null',
  ]) {
    expect(of(await create(body))).toEqual(urlRequired)
  }
  expect(of(await api('POST', '/29302/webhooks.json'))).toEqual(urlRequired)
  expect(of(await create({ url: receiver.url, events: ['contact'] }))).toEqual([
    400,
    { error: "'events' has been removed from webhooks, use 'enabled_events'", symbolic: { events: 'removed' } },
  ])
  for (const enabled_events of [['sales'], ['contact', 'no_such'], 'contact', {}, [7], [null], ['contact.created']]) {
    const answer = await create({ url: receiver.url, enabled_events })
    expect([answer.status, answer.json.symbolic]).toEqual([400, { enabled_events: 'invalid' }])
    expect(answer.json.error).toMatch(/^Enabled events is invalid/)
  }
  const unknown = await create({ url: receiver.url, name: 'mine' })
  expect([unknown.status, unknown.json.symbolic]).toEqual([400, { name: 'unknown' }])
  for (const text of ['{', '{"url":"a","url":"b"}', '{"__proto__":{}}']) {
    expect(of(await create(text))).toEqual([400, { error: 'The request body is not valid JSON' }])
  }
  expect(receiver.requests).toEqual([])
  expect((await api('GET', '/29302/webhooks')).json).toEqual([])
})

test('of a URL that cannot be used nothing more is told', async () => {
  const { create, api } = await start()
  const urls = [
    'http://127.0.0.1:1/hook',
    'http://10.0.0.1/hook',
    'http://169.254.169.254/latest',
    'ftp://example.com/hook',
    'example.com/hook',
    'https://',
    'http://localhost.localdomain/hook',
    'http://:secret@127.0.0.1:9/hook',
    'http://us%3Aer:password@127.0.0.1:9/hook',
  ]
  for (const url of urls) {
    expect(of(await create({ url }))).toEqual([
      400,
      { error: 'Url is unreachable: it must answer with status 200', symbolic: { url: 'unreachable' } },
    ])
  }
  expect((await api('GET', '/29302/webhooks')).json).toEqual([])
})

test('what does not exist', async () => {
  const { api } = await start()
  for (const suffix of ['', '.json']) {
    expect(of(await api('DELETE', `/29302/webhooks/${noId}${suffix}`))).toEqual(notFound)
    expect(of(await api('PATCH', `/29302/webhooks/${noId}/activate${suffix}`))).toEqual(noWebhook)
    expect(of(await api('PATCH', `/29302/webhooks/${noId}/deactivate${suffix}`))).toEqual(noWebhook)
  }
  for (const path of [
    '/1/webhooks',
    '/029302/webhooks',
    '/29302',
    '/webhooks',
    '/29302/contacts',
    '/a/webhooks.json',
  ]) {
    expect(of(await api('GET', path))).toEqual(notFound)
  }
  expect(of(await api('PUT', '/29302/webhooks', {}))).toEqual(notFound)
  expect(of(await api('GET', `/29302/webhooks/${noId}`))).toEqual(notFound)
})

test('only a live access token is let in', async () => {
  const { server, token, tokenId, integrationId } = await start()
  const call = (authorization?: string) =>
    server.call('GET', '/api/v2/administrations', authorization === undefined ? {} : { authorization })
  const refused = [401, { error: 'The access token is invalid' }]
  for (const authorization of [undefined, 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${adminKey}`, token]) {
    const answer = await call(authorization)
    expect(of(answer)).toEqual(refused)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /)
  }
  expect((await call(`bearer ${token}`)).status).toBe(200)
  await server.operate('DELETE', `/v1/integrations/${integrationId}/tokens/${tokenId}`)
  expect(of(await call(`Bearer ${token}`))).toEqual(refused)
})

test('150 requests in 5 minutes, then Retry later', async () => {
  const { server, api, token } = await start()
  const nowSeconds = () => Math.floor(server.clock.now() / 1_000)
  // From the beginning of a window on, so that none ends under the test.
  await server.clock.advance(300_000 - (server.clock.now() % 300_000) + 1)
  for (let count = 1; count <= 150; count++) {
    const { status, headers } = await api('GET', '/administrations')
    expect([status, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual([
      200,
      '150',
      String(150 - count),
    ])
  }
  const late = await api('POST', '/29302/webhooks.json', { url: 'https://example.com/' })
  expect([late.status, late.text, late.json]).toEqual([429, 'Retry later', undefined])
  const header = (name: string) => Number(late.headers.get(name))
  expect([header('ratelimit-limit'), header('ratelimit-remaining')]).toEqual([150, 0])
  expect(header('retry-after')).toBe(header('ratelimit-reset'))
  expect(header('ratelimit-reset')).toBeGreaterThan(nowSeconds())
  expect(header('ratelimit-reset')).toBeLessThanOrEqual(nowSeconds() + 300)

  const other = await grantedTenant(server, { tenantId: 29303 })
  expect((await server.call('GET', '/api/v2/administrations', { token: other.token })).status).toBe(200)
  await server.clock.advance(300_000)
  expect((await server.call('GET', '/api/v2/administrations', { token })).status).toBe(200)
})

test('who tries out tokens is slowed down, right ones from there go on', async () => {
  const { server, token } = await start()
  const answers: Answer[] = []
  for (let count = 0; count < 25; count++) {
    answers.push(await server.call('GET', '/api/v2/administrations', { token: `wrong-${count}` }))
  }
  const last = answers.at(-1)!
  expect([last.status, last.text]).toEqual([429, 'Retry later'])
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(server.clock.now() / 1_000)
  expect((await server.call('GET', '/api/v2/administrations', { token })).status).toBe(200)
})

describe('what a token sees', () => {
  test('its administration and those below it, and no others', async () => {
    const { server, receiver, token, integrationId } = await start()
    const child = await grantedTenant(server, { tenantId: 29304, name: 'Child', parentId: 29302, integrationId })
    const stranger = await grantedTenant(server, { tenantId: 29305, name: 'Stranger' })
    const administrations = async (asked: string) =>
      (await server.call('GET', '/api/v2/administrations.json', { token: asked })).json.map(
        ({ id }: { id: string }) => id,
      )
    expect(await administrations(token)).toEqual(['29302', '29304'])
    expect(await administrations(child.token)).toEqual(['29304'])
    expect(await administrations(stranger.token)).toEqual(['29305'])

    const call = (method: string, path: string, asked: string, body?: unknown) =>
      server.call(method, `/api/v2${path}`, { token: asked, body })
    const body = { url: receiver.url, enabled_events: ['contact'] }
    const own = (await call('POST', '/29302/webhooks', token, body)).json
    const ofChild = (await call('POST', '/29304/webhooks', token, body)).json
    expect([own.administration_id, ofChild.administration_id]).toEqual(['29302', '29304'])
    for (const asked of [child.token, stranger.token]) {
      expect(of(await call('GET', '/29302/webhooks', asked))).toEqual(notFound)
      expect(of(await call('POST', '/29302/webhooks', asked, body))).toEqual(notFound)
      expect(of(await call('DELETE', `/29302/webhooks/${own.id}`, asked))).toEqual(notFound)
      expect(of(await call('PATCH', `/29302/webhooks/${own.id}/deactivate`, asked))).toEqual(notFound)
    }
    // An id of one administration is none of another.
    expect(of(await call('DELETE', `/29305/webhooks/${own.id}`, stranger.token))).toEqual(notFound)
    expect(of(await call('DELETE', `/29304/webhooks/${own.id}`, token))).toEqual(notFound)
    expect(of(await call('PATCH', `/29304/webhooks/${own.id}/activate`, token))).toEqual(noWebhook)

    await receiver.next()
    await receiver.next()
    for (const tenantId of [29305, 29304, 29302]) {
      await server.operate('POST', '/v1/events', { tenantId, type: 'contact.created', entityId: `of ${tenantId}` })
    }
    const pushes = [await receiver.next(), await receiver.next()].map((push) => JSON.parse(push.body.toString()))
    expect(pushes.map((push) => [push.webhook_id, push.administration_id, push.entity_id]).sort()).toEqual(
      [
        [own.id, '29302', 'of 29302'],
        [ofChild.id, '29304', 'of 29304'],
      ].sort(),
    )
  })

  test('secrets are shown once', async () => {
    const { server, receiver, api, create, token } = await start()
    const { secret, ...shown } = (await create({ url: receiver.url })).json
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const listed = await api('GET', '/29302/webhooks.json')
    expect(listed.json).toEqual([shown])
    for (const action of ['deactivate', 'activate']) {
      expect((await api('PATCH', `/29302/webhooks/${shown.id}/${action}`)).text).not.toContain(secret)
    }
    expect((await server.call('GET', '/v1/subscriptions', { token })).text).not.toContain(secret)
  })
})

test('a body that says it is JSON and is empty is fine, and so are parameters that nobody knows', async () => {
  const { server, receiver, create, token } = await start()
  const { id } = (await create({ url: receiver.url })).json
  const send = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const all = { authorization: `Bearer ${token}`, ...headers }
      sendRequest(`${server.url}/api/v2${path}`, { method, headers: all }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
        .on('error', reject)
        .end()
    })
  const json = { 'content-type': 'application/json' }
  const empty = { ...json, 'content-length': '0' }
  const chunked = { ...json, 'transfer-encoding': 'chunked' }
  for (const headers of [{}, json, empty, chunked]) {
    expect(await send('PATCH', `/29302/webhooks/${id}/deactivate?page=1&per_page=7`, headers)).toBe(200)
    expect(await send('GET', '/29302/webhooks.json?page=2', json)).toBe(200)
  }
  expect(await send('DELETE', `/29302/webhooks/${id}.json?x=y`, empty)).toBe(204)
})
