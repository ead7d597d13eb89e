import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Answer, LiveServer, ReceivedRequest } from '../fixtures/live.ts'
import { bodyOf, publish, start, subscribe } from './fixtures/client.ts'

/** The whole life of webhooks over real HTTP, as an integrator of the contract lives it. */

const retryDelaysSeconds = [15, 16, 31, 96, 271, 640, 1_311, 2_416, 4_111, 6_576]

/** Shares nothing with the sender: header by header, over the raw bytes. */
function isGenuine({ headers, body }: ReceivedRequest, secret: string): boolean {
  const parts = String(headers['moneybird-signature'])
    .split(',')
    .map((part) => part.split('=') as [string, string])
  const t = parts.find(([name]) => name === 't')?.[1]
  const expected = createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex')
  return parts.some(([name, value]) => name === 'v1' && value === expected)
}

/** The subscription's newest delivery, once it is as the test expects it; looked at again whenever it was written. */
async function until(
  server: LiveServer,
  token: string,
  isAsExpected: (delivery: Answer['json']) => boolean,
): Promise<Answer['json']> {
  for (;;) {
    const { items } = (await server.call('GET', '/v1/deliveries', { token })).json
    if (items[0] && isAsExpected(items[0])) return items[0]
  }
}

test('subscribe, receive, verify, fail, be retried on schedule, be kept as failed', async () => {
  const setting = await start()
  const { server, receiver, api, token } = setting
  const webhook = await subscribe(setting, ['sales_invoice'])
  expect(Object.keys(webhook)).toEqual([
    'id',
    'administration_id',
    'url',
    'enabled_events',
    'last_http_status',
    'last_http_body',
    'token',
    'deactivated_at',
    'secret',
  ])
  expect(webhook).toMatchObject({
    administration_id: '29302',
    url: receiver.url,
    enabled_events: ['sales_invoice'],
    last_http_status: null,
    last_http_body: null,
    deactivated_at: null,
  })
  expect(webhook.id).toMatch(/^\d{17,18}$/)
  expect(webhook.token).toMatch(/^[0-9A-Za-z]{24}$/)
  expect(webhook.secret).toMatch(/^[0-9a-f]{64}$/)

  receiver.answer = () => ({ status: 201, body: 'made' })
  await publish(server, 'invoice.state-changed-to-late', { data: { id: '3817', state: 'late' } })
  const push = await receiver.next()
  expect(bodyOf(push)).toEqual({
    administration_id: '29302',
    webhook_id: webhook.id,
    webhook_token: webhook.token,
    entity_type: 'SalesInvoice',
    entity_id: '3817',
    state: 'late',
    action: 'sales_invoice_state_changed_to_late',
    entity: { id: '3817', state: 'late' },
  })
  expect(push.headers['content-type']).toBe('application/json')
  expect(isGenuine(push, webhook.secret)).toBe(true)

  let earlier = push
  for (const [index, seconds] of retryDelaysSeconds.entries()) {
    const waiting = await until(server, token, (delivery) => delivery.attempts === index + 1)
    const gapMs = Date.parse(waiting.nextAttemptAt) - Date.parse(waiting.lastAttempt.at)
    expect(gapMs).toBeGreaterThanOrEqual(seconds * 1_000)
    expect(gapMs).toBeLessThan(seconds * 1_100 + 2_000)
    const [shown] = (await api('GET', '/29302/webhooks')).json
    expect(shown).toMatchObject({ last_http_status: 201, last_http_body: 'made' })
    expect(receiver.requests).toHaveLength(index + 2)

    await server.clock.advance(Date.parse(waiting.nextAttemptAt) - server.clock.now() + 1)
    const retry = await receiver.next()
    expect(retry.body).toEqual(push.body)
    expect(retry.headers['idempotency-key']).toBe(push.headers['idempotency-key'])
    expect(retry.headers['moneybird-signature']).not.toBe(earlier.headers['moneybird-signature'])
    expect(isGenuine(retry, webhook.secret)).toBe(true)
    earlier = retry
  }
  const failed = await until(server, token, (delivery) => delivery.status === 'failed')
  expect(failed.attempts).toBe(11)

  // It is kept as failed, and the webhook stays active.
  await server.clock.advance(86_400_000)
  receiver.answer = 200
  await publish(server, 'invoice.updated')
  const next = await receiver.next()
  expect(bodyOf(next).action).toBe('sales_invoice_updated')
  expect(next.headers['idempotency-key']).not.toBe(push.headers['idempotency-key'])
  // An attempt ends a little after its receiver was asked.
  await until(server, token, (delivery) => delivery.status === 'delivered')
  expect((await api('GET', '/29302/webhooks')).json).toMatchObject([{ deactivated_at: null, last_http_status: 200 }])
})

test('a deactivated webhook gets nothing new, its retries go on, and what happened meanwhile is never sent', async () => {
  const setting = await start()
  const { server, receiver, api, token } = setting
  const { id } = await subscribe(setting, ['contact'])
  receiver.answer = 500
  await publish(server, 'contact.created', { entityId: 'before' })
  await receiver.next()
  const waiting = await until(server, token, (delivery) => delivery.attempts === 1)

  const off = await api('PATCH', `/29302/webhooks/${id}/deactivate.json`)
  expect([off.status, typeof off.json.deactivated_at]).toEqual([200, 'string'])
  expect((await api('PATCH', `/29302/webhooks/${id}/deactivate`)).json.deactivated_at).toBe(off.json.deactivated_at)
  await publish(server, 'contact.created', { entityId: 'meanwhile' })
  receiver.answer = 200
  await server.clock.advance(Date.parse(waiting.nextAttemptAt) - server.clock.now() + 1)
  expect(bodyOf(await receiver.next()).entity_id).toBe('before')

  const on = await api('PATCH', `/29302/webhooks/${id}/activate`)
  expect([on.status, on.json.deactivated_at]).toEqual([200, null])
  expect((await api('PATCH', `/29302/webhooks/${id}/activate.json`)).json.deactivated_at).toBe(null)
  await publish(server, 'contact.created', { entityId: 'after' })
  expect(bodyOf(await receiver.next()).entity_id).toBe('after')

  expect((await api('DELETE', `/29302/webhooks/${id}`)).status).toBe(204)
  await publish(server, 'contact.created', { entityId: 'gone' })
  const again = await subscribe(setting, ['contact'])
  await publish(server, 'contact.created', { entityId: 'again' })
  expect(bodyOf(await receiver.next())).toMatchObject({ entity_id: 'again', webhook_id: again.id })
  expect(receiver.requests.some((request) => /meanwhile|gone/.test(request.body.toString()))).toBe(false)
})

test('what happened before a webhook was deactivated is sent, though its first attempt had not begun', async () => {
  const setting = await start()
  const { server, api } = setting
  const held: ServerResponse[] = []
  const seen: string[] = []
  let isHolding = false
  const slow = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (body !== '{}') seen.push(JSON.parse(body).entity_id)
      if (isHolding) held.push(response)
      else response.end()
    })
  })
  await once(slow.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    slow.close()
    slow.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`
  const { id } = (await api('POST', '/29302/webhooks', { url, enabled_events: ['contact'] })).json
  isHolding = true
  const before = Array.from({ length: 20 }, (_, index) => `before ${index}`)
  for (const entityId of before) await publish(server, 'contact.created', { entityId })
  const [subscription] = (await server.operate('GET', '/v1/subscriptions')).items
  while ((await server.operate('GET', `/v1/subscriptions/${subscription.id}/stats`)).behind > 0);
  expect(seen.length).toBeLessThan(before.length)
  await api('PATCH', `/29302/webhooks/${id}/deactivate`)
  await publish(server, 'contact.created', { entityId: 'meanwhile' })
  await api('PATCH', `/29302/webhooks/${id}/activate`)
  await publish(server, 'contact.created', { entityId: 'after' })
  isHolding = false
  for (const response of held) response.end()
  while (!seen.includes('after') || seen.length <= before.length) await new Promise((resolve) => setImmediate(resolve))
  expect(seen.toSorted()).toEqual([...before, 'after'].toSorted())
})

test('two secrets sign while one takes over from the other', async () => {
  const setting = await start()
  const { server, receiver } = setting
  const webhook = await subscribe(setting, ['contact'])
  const [subscription] = (await server.operate('GET', '/v1/subscriptions')).items
  const { signingSecret } = await server.operate('POST', `/v1/subscriptions/${subscription.id}/rotate-secret`)
  expect(signingSecret).toMatch(/^[0-9a-f]{64}$/)
  await publish(server, 'contact.created')
  const during = await receiver.next()
  expect([isGenuine(during, webhook.secret), isGenuine(during, signingSecret)]).toEqual([true, true])
  await server.clock.advance(86_400_001)
  await publish(server, 'contact.created')
  const after = await receiver.next()
  expect([isGenuine(after, webhook.secret), isGenuine(after, signingSecret)]).toEqual([false, true])
})

test('user and password in the URL go as Basic auth, and are never shown', async () => {
  const setting = await start()
  const { server, receiver, api } = setting
  const expected = `Basic ${Buffer.from('u@x:p ä').toString('base64')}`
  receiver.answer = ({ headers }) => ({ status: headers.authorization === expected ? 200 : 401 })
  const url = receiver.url.replace('http://', 'http://u%40x:p%20%C3%A4@')
  const made = await api('POST', '/29302/webhooks', { url, enabled_events: ['contact'] })
  expect([made.status, made.json.url]).toEqual([201, receiver.url])
  await receiver.next()
  await publish(server, 'contact.created')
  expect((await receiver.next()).headers.authorization).toBe(expected)
  const shown = [await api('GET', '/29302/webhooks'), await server.call('GET', '/v1/subscriptions', setting)]
  for (const { text } of shown) expect(text).not.toMatch(/p%20|p ä|%C3/)
})

test('a digit beyond doubles reaches the receiver', async () => {
  const setting = await start()
  const { server, receiver } = setting
  await subscribe(setting, ['contact'])
  const body = '{"tenantId":29302,"type":"contact.created","entityId":"1","data":{"total":12345678901234567.890}}'
  await server.call('POST', '/v1/events', { authorization: 'Bearer operator-of-the-tests', body })
  expect((await receiver.next()).body.toString()).toContain('"entity":{"total":12345678901234567.890}}')
})
