import { HTTP } from 'cloudevents'
import { expect, test } from 'vitest'
import {
  grantedTenant,
  type LiveReceiver,
  type ReceiverAnswer,
  startLiveReceiver,
  startLiveServer,
} from '../fixtures/live.ts'

async function start() {
  const server = await startLiveServer({ flags: { originName: 'hooks.example.com' } })
  const receiver = await startLiveReceiver(server.clock)
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const subscribe = (more: object = {}) =>
    server.call('POST', '/v1/subscriptions', {
      token,
      body: { dialect: 'cloudevents', types: ['invoice.*'], endpoint: { url: receiver.url }, ...more },
    })
  const change = (id: string, body: object) => server.call('PATCH', `/v1/subscriptions/${id}`, { token, body })
  return { server, receiver, token, subscribe, change }
}

function consents(receiver: LiveReceiver, headers: Readonly<Record<string, string>>): void {
  receiver.answer = ({ method }): ReceiverAnswer => (method === 'OPTIONS' ? { status: 200, headers } : { status: 204 })
}

test('a receiver that consents gets events, under the name that it allowed and at its rate', async () => {
  const { server, receiver, subscribe } = await start()
  consents(receiver, { 'WebHook-Allowed-Origin': 'hooks.example.com', 'WebHook-Allowed-Rate': '120' })
  const made = await subscribe({ ratePerSecond: 5 })
  expect([made.status, made.json.settings, made.json.ratePerSecond]).toEqual([201, { origin: 'hooks.example.com' }, 2])
  const question = await receiver.next()
  expect([question.method, question.path]).toEqual(['OPTIONS', '/hook'])
  expect(question.headers).toMatchObject({
    'webhook-request-origin': 'hooks.example.com',
    'webhook-request-rate': '300',
  })
  expect(question.headers).not.toHaveProperty('webhook-request-callback')

  await server.operate('POST', '/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId: '3817', id: 'e1' })
  const delivery = await receiver.next()
  expect(delivery.headers['webhook-request-origin']).toBe('hooks.example.com')
  const event = HTTP.toEvent({ headers: delivery.headers, body: delivery.body.toString('utf8') })
  expect(event).toMatchObject({ type: 'invoice.updated', subject: '3817', id: 'e1', source: '/tenants/29302' })
})

test.each([
  [{}, 'no_consent'],
  [{ 'WebHook-Allowed-Origin': 'example.com', 'WebHook-Allowed-Rate': '*' }, 'origin_not_allowed'],
  [{ 'WebHook-Allowed-Origin': '*', 'WebHook-Allowed-Rate': '0' }, 'rate_invalid'],
])('an answer with %j makes nothing', async (headers, code) => {
  const { server, receiver, subscribe, token } = await start()
  consents(receiver, headers)
  const refused = await subscribe()
  expect([refused.status, refused.json.errors]).toMatchObject([422, [{ pointer: '/endpoint/url', code }]])
  expect((await server.call('GET', '/v1/subscriptions', { token })).json.items).toEqual([])
})

test('a rate that was asked for must be answered, one that was not need not be', async () => {
  const { receiver, subscribe } = await start()
  consents(receiver, { 'WebHook-Allowed-Origin': '*' })
  expect((await subscribe({ ratePerSecond: 1 })).json.errors).toMatchObject([{ code: 'rate_missing' }])
  const made = await subscribe()
  expect([made.status, made.json.ratePerSecond]).toEqual([201, null])
  expect(receiver.requests.at(-1)!.headers).not.toHaveProperty('webhook-request-rate')
})

test('a URL that does not answer is refused as such', async () => {
  const { subscribe } = await start()
  const refused = await subscribe({ endpoint: { url: 'http://127.0.0.1:1/hook' } })
  expect([refused.status, refused.json.errors]).toMatchObject([422, [{ code: 'unreachable' }]])
})

test('a new URL or rate is asked for again, anything else is not', async () => {
  const { receiver, subscribe, change } = await start()
  consents(receiver, { 'WebHook-Allowed-Origin': '*', 'WebHook-Allowed-Rate': '60' })
  const { id } = (await subscribe()).json
  expect((await change(id, { description: 'x', settings: { mode: 'binary' } })).json.settings).toEqual({
    mode: 'binary',
    origin: 'hooks.example.com',
  })
  expect(receiver.requests).toHaveLength(1)
  expect((await change(id, { ratePerSecond: 7 })).json.ratePerSecond).toBe(1)
  expect(receiver.requests).toHaveLength(2)
  consents(receiver, {})
  const other = `${receiver.url}/other`
  const refused = await change(id, { endpoint: { url: other } })
  expect([refused.status, refused.json.errors]).toMatchObject([422, [{ pointer: '/endpoint/url', code: 'no_consent' }]])
  consents(receiver, { 'WebHook-Allowed-Origin': '*', 'WebHook-Allowed-Rate': '*' })
  expect((await change(id, { endpoint: { url: other } })).json.endpoint.url).toBe(other)
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook/other', '/hook/other'])
})

test('the question has the headers and the credentials of the subscription', async () => {
  const { receiver, subscribe } = await start()
  consents(receiver, { 'WebHook-Allowed-Origin': '*' })
  const auth = { type: 'basic', username: 'u', password: 'p' }
  await subscribe({ endpoint: { url: receiver.url, headers: { 'X-Own': 'yes' }, auth } })
  const { headers } = await receiver.next()
  expect(headers).toMatchObject({ 'x-own': 'yes', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` })
})
