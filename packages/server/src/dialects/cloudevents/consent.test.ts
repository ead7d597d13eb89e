import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import {
  grantedTenant,
  type LiveReceiver,
  type LiveServer,
  startLiveReceiver,
  startLiveServer,
} from '../fixtures/live.ts'

/** Consent that comes after the question: "HTTP 1.1 Web Hooks for Event Delivery", §4.1.3. */

const publicUrl = 'https://hooks.example.com/tidings'
const day = 86_400_000

async function start() {
  const server = await startLiveServer({ flags: { publicUrl: `${publicUrl}/`, wrongKeysPerMinute: '3' } })
  const receiver = await startLiveReceiver(server.clock)
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const call = (method: string, path: string, body?: object) =>
    server.call(method, `/v1/subscriptions${path}`, { token, ...(body && { body }) })
  const subscribe = (more: object = {}) =>
    call('POST', '', { dialect: 'cloudevents', types: ['invoice.*'], endpoint: { url: receiver.url }, ...more })
  const publish = (id: string) =>
    server.operate('POST', '/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId: '1', id })
  return { server, receiver, call, subscribe, publish }
}

/** The path of the callback that the newest question offered, on this server. */
function callbackOf(receiver: LiveReceiver): string {
  const question = receiver.requests.findLast(({ method }) => method === 'OPTIONS')!
  const url = String(question.headers['webhook-request-callback'])
  expect(url.startsWith(`${publicUrl}/cloudevents/v1/consent/sub_`)).toBe(true)
  return url.slice(publicUrl.length)
}

const deliveredIds = (receiver: LiveReceiver) =>
  receiver.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body.toString('utf8')).id)

async function nextDelivery(receiver: LiveReceiver) {
  for (;;) {
    const received = await receiver.next()
    if (received.method === 'POST') return received
  }
}

const consent = (server: LiveServer, path: string, headers: Record<string, string> = {}, method = 'POST') =>
  server.call(method, path, { headers })

test('nothing is sent before the receiver consents, and nothing since is missed', async () => {
  const { server, receiver, call, subscribe, publish } = await start()
  const made = await subscribe({ ratePerSecond: 5 })
  expect(made.json).toMatchObject({ status: 'disabled', disabledReason: 'awaiting_consent', ratePerSecond: 5 })
  expect(made.json.disabledAt).toMatch(/^\d{4}-/)
  const { id } = made.json
  await publish('e1')
  expect((await call('POST', `/${id}/test`, {})).json).toMatchObject({ status: 409, code: 'conflict' })
  const path = callbackOf(receiver)
  expect(made.text).not.toContain(path.split('/').at(-1))

  // A receiver may have a form that sends something.
  const headers = { 'webhook-allowed-rate': '120', 'content-type': 'application/x-www-form-urlencoded' }
  const granted = await server.call('POST', path, { headers, body: 'a=1' })
  expect([granted.status, granted.text]).toEqual([200, 'Deliveries to this endpoint are allowed now.\n'])
  const delivery = await nextDelivery(receiver)
  expect(delivery.headers['webhook-request-origin']).toBe(receiver.requests[0]!.headers['webhook-request-origin'])
  expect(deliveredIds(receiver)).toEqual(['e1'])
  const { json } = await call('GET', `/${id}`)
  expect(json).toMatchObject({ status: 'active', disabledReason: null, disabledAt: null, ratePerSecond: 2 })
  expect((await call('POST', `/${id}/test`, {})).status).toBe(200)
})

test('by GET, as by hand in a browser; once', async () => {
  const { server, receiver, call, subscribe } = await start()
  const { id } = (await subscribe()).json
  const path = callbackOf(receiver)
  // As what shows a link before it is followed asks.
  expect((await consent(server, path, {}, 'HEAD')).status).toBe(200)
  expect((await call('GET', `/${id}`)).json.status).toBe('disabled')
  expect((await consent(server, path, {}, 'GET')).status).toBe(200)
  expect((await call('GET', `/${id}`)).json.status).toBe('active')
  expect((await consent(server, path, {}, 'GET')).json).toMatchObject({ status: 404, code: 'not_found' })
})

test('is in the document, for anybody to call', async () => {
  const { server } = await start()
  const { paths } = (await server.call('GET', '/openapi.json')).json
  const operations = paths['/cloudevents/v1/consent/{id}/{key}']
  expect(Object.keys(operations).sort()).toEqual(['get', 'post'])
  for (const { parameters, responses, security } of Object.values<Record<string, object>>(operations)) {
    expect(parameters).toMatchObject([
      { in: 'path', name: 'id' },
      { in: 'path', name: 'key' },
      { in: 'header', name: 'webhook-allowed-rate', required: false },
    ])
    // Beside the answer, the refusals that every route can have.
    expect(Object.keys(responses!)).toEqual(['200', '400', '404', '429', '431', '500', '503'])
    expect(security).toEqual([])
  }
})

test('a wrong key says no more than a missing subscription, and guessing is slowed down', async () => {
  const { server, receiver, call, subscribe } = await start()
  const { id } = (await subscribe()).json
  const [, , , , , key = ''] = callbackOf(receiver).split('/')
  const wrong = await consent(server, `/cloudevents/v1/consent/${id}/${key.slice(0, -2)}AA`)
  const missing = await consent(server, `/cloudevents/v1/consent/sub_missing/${key}`)
  expect([wrong.status, wrong.text]).toEqual([404, missing.text])
  await consent(server, `/cloudevents/v1/consent/${id}/x`)
  const many = await consent(server, `/cloudevents/v1/consent/${id}/y`)
  expect([many.status, many.json.code]).toEqual([429, 'rate_limited'])
  expect((await call('GET', `/${id}`)).json.disabledReason).toBe('awaiting_consent')
})

test('a rate that is none is refused, and the key is still good', async () => {
  const { server, receiver, subscribe } = await start()
  await subscribe()
  const path = callbackOf(receiver)
  expect((await consent(server, path, { 'webhook-allowed-rate': '0' })).json).toMatchObject({ status: 400 })
  expect((await consent(server, path, { 'webhook-allowed-rate': '*' })).status).toBe(200)
})

test('a receiver that consents before it answers the question is believed', async () => {
  const { server, receiver, call, subscribe, publish } = await start()
  const asking = createServer(async (question, response) => {
    const url = String(question.headers['webhook-request-callback']).replace(publicUrl, server.url)
    response.writeHead((await fetch(url, { method: 'POST', headers: { 'webhook-allowed-rate': '60' } })).status).end()
  }).listen(0, '127.0.0.1')
  await once(asking, 'listening')
  onTestFinished(() => void asking.close())
  const url = `http://127.0.0.1:${(asking.address() as AddressInfo).port}/hook`
  const made = await subscribe({ endpoint: { url } })
  expect(made.json).toMatchObject({ status: 'active', disabledReason: null, ratePerSecond: 1 })
  await call('DELETE', `/${made.json.id}`)

  // Whether it arrives before or after the answer, it counts.
  receiver.answer = ({ method, headers }) => {
    if (method === 'OPTIONS') {
      const own = String(headers['webhook-request-callback']).replace(publicUrl, server.url)
      request(own, (response) => response.resume()).end()
    }
    return { status: 204 }
  }
  await subscribe()
  await publish('e1')
  await nextDelivery(receiver)
  expect(deliveredIds(receiver)).toEqual(['e1'])
})

test('a week is the limit; enabling asks anew, and the old key is void', async () => {
  const { server, receiver, call, subscribe } = await start()
  const { id } = (await subscribe()).json
  const old = callbackOf(receiver)
  server.clock.jump(7 * day)
  expect((await consent(server, old)).status).toBe(404)
  const asked = await call('POST', `/${id}/enable`, {})
  expect([asked.status, asked.json.disabledReason]).toEqual([200, 'awaiting_consent'])
  const fresh = callbackOf(receiver)
  expect(fresh).not.toBe(old)
  expect((await consent(server, old)).status).toBe(404)
  expect((await consent(server, fresh)).status).toBe(200)
  expect((await call('GET', `/${id}`)).json.status).toBe('active')
})

test('enabling is no way round it: a receiver that says no now is refused, one that says yes gets all', async () => {
  const { receiver, call, subscribe, publish } = await start()
  const { id } = (await subscribe()).json
  await publish('e1')
  receiver.answer = () => ({ status: 200, headers: { 'WebHook-Allowed-Origin': 'other.example.com' } })
  expect((await call('POST', `/${id}/enable`)).json.errors).toMatchObject([{ code: 'origin_not_allowed' }])
  receiver.answer = () => ({ status: 200, headers: { 'WebHook-Allowed-Origin': '*' } })
  expect((await call('POST', `/${id}/enable`)).json.status).toBe('active')
  await nextDelivery(receiver)
  expect(deliveredIds(receiver)).toEqual(['e1'])
})

test('another URL of an active one waits for consent again; what the owner disabled stays disabled', async () => {
  const { server, receiver, call, subscribe } = await start()
  receiver.answer = () => ({ status: 200, headers: { 'WebHook-Allowed-Origin': '*' } })
  const { id } = (await subscribe()).json
  receiver.answer = 204
  const moved = await call('PATCH', `/${id}`, { endpoint: { url: `${receiver.url}/2` } })
  expect(moved.json).toMatchObject({ status: 'disabled', disabledReason: 'awaiting_consent' })
  expect((await call('POST', `/${id}/disable`)).json.disabledReason).toBe('by_request')
  expect((await consent(server, callbackOf(receiver))).status).toBe(200)
  expect((await call('GET', `/${id}`)).json).toMatchObject({ status: 'disabled', disabledReason: 'by_request' })
  const asked = receiver.requests.length
  expect((await call('POST', `/${id}/enable`)).json.status).toBe('active')
  expect(receiver.requests).toHaveLength(asked)
})

test('who consented, and when, is in the audit log', async () => {
  const { server, receiver, subscribe } = await start()
  const { id } = (await subscribe()).json
  await consent(server, callbackOf(receiver))
  const { items } = await server.operate('GET', '/v1/audit')
  expect(items[0]).toMatchObject({
    kind: 'subscription',
    id,
    action: 'changed',
    request: 'POST /cloudevents/v1/consent/:id/:key',
  })
})
