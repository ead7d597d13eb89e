import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { type LiveServer, startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { publish, type TripletexClient, tripletexClient } from './fixtures/client.ts'

const hour = 3_600_000

/** As an integrator verifies it, by the vendor's words. */
function signatureOf(secret: string, idempotencyKey: string, body: Buffer): string {
  return createHmac('sha512', secret).update(`${idempotencyKey}&`).update(body).digest('base64')
}

/** The one delivery that waits, once so many attempts of it have been made. */
async function waitingAfter(server: LiveServer, attempts: number) {
  let row: { attempts: number; nextAttemptAt: string; lastAttempt: { at: string } } | undefined
  const look = async () => {
    row = (await server.operate('GET', '/v1/deliveries?status=waiting')).items[0]
    return row?.attempts
  }
  await expect.poll(look, { timeout: 10_000 }).toBe(attempts)
  return row!
}

async function untilStatus(client: TripletexClient, id: number, status: string) {
  let value: { status: string; version: number } | undefined
  const look = async () => {
    value = (await client.call('GET', `/v2/event/subscription/${id}`)).json.value
    return value?.status
  }
  await expect.poll(look, { timeout: 10_000 }).toBe(status)
  return value!
}

test('the whole life: session, subscription, delivery, failure, retries, disabling, replay, deletion', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver(server.clock)
  const client = await tripletexClient(server, { tenantId: 29302, name: 'Bygg AS' })

  const made = await client.call('POST', '/v2/event/subscription', {
    event: 'Product.UPDATE',
    targetUrl: `${receiver.url}?token=secret123`,
    fields: 'id,name,currency',
    authHeaderName: 'Authorization',
    authHeaderValue: 'Bearer abc123',
    hmacSharedSecret: 'hush',
  })
  expect(made.status).toBe(201)
  const { id } = made.json.value
  const host = server.url.replace('http://', '')
  expect(made.text).toBe(
    `{"value":{"id":${id},"version":0,"url":"${host}/v2/event/subscription/${id}","event":"product.update",` +
      `"targetUrl":"${receiver.url}?token=secret123","fields":"id,name,currency","status":"ACTIVE",` +
      `"authHeaderName":"Authorization"}}`,
  )

  await publish(server, 29302, 'product.updated', '9007199254740993', {
    data: { name: 'Ærlig', id: 1, price: 1.5, currency: { code: 'NOK', id: 1, url: 'x/v2/currency/1' } },
  })
  const first = await receiver.next()
  expect(first.path).toBe('/hook?token=secret123')
  expect(first.headers.authorization).toBe('Bearer abc123')
  expect(first.body.toString('utf8')).toBe(
    `{"subscriptionId":${id},"event":"product.update","id":9007199254740993,` +
      '"value":{"name":"Ærlig","id":1,"currency":{"id":1,"url":"x/v2/currency/1"}}}',
  )
  const key = String(first.headers['idempotency-key'])
  expect(first.headers['x-request-signature']).toBe(signatureOf('hush', key, first.body))
  expect(first.headers['content-type']).toBe('application/json')

  // Fails, is retried by the contract's gaps with the same key, and is given up 30 hours later.
  receiver.answer = 503
  await publish(server, 29302, 'product.updated', '2', { data: { id: 2 } })
  const attempts = [await receiver.next()]
  for (const gapSeconds of [60, 300, 900, 3_600, 7_200, 14_400, 28_800, 52_740]) {
    const { nextAttemptAt, lastAttempt } = await waitingAfter(server, attempts.length)
    const gapMs = Date.parse(nextAttemptAt) - Date.parse(lastAttempt.at)
    expect(gapMs).toBeGreaterThanOrEqual(gapSeconds * 1_000)
    expect(gapMs).toBeLessThanOrEqual(gapSeconds * 1_100 + 1_000)
    await server.clock.advance(Date.parse(nextAttemptAt) - server.clock.now() + 1)
    attempts.push(await receiver.next())
  }
  expect(new Set(attempts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  expect(new Set(attempts.map(({ body }) => body.toString())).size).toBe(1)
  await expect.poll(async () => (await server.operate('GET', '/v1/deliveries?status=failed')).items.length).toBe(1)

  // A week without one success.
  await server.clock.advance(6 * 24 * hour)
  await publish(server, 29302, 'product.updated', '3', { data: { id: 3 } })
  await receiver.next()
  const disabled = await untilStatus(client, id, 'DISABLED_TOO_MANY_ERRORS')
  expect(disabled.version).toBe(0)
  await publish(server, 29302, 'product.updated', '4', { data: { id: 4 } })

  // Re-enabled: it goes on where it stopped.
  receiver.answer = 204
  const enabled = await client.call('PUT', `/v2/event/subscription/${id}`, { status: 'ACTIVE' })
  expect(enabled.status).toBe(200)
  expect(enabled.json.value).toMatchObject({ status: 'ACTIVE', version: 1, event: 'product.update' })
  const replayed = new Set<number>()
  while (!replayed.has(3) || !replayed.has(4)) {
    await server.clock.advance(120_000)
    replayed.add(JSON.parse((await receiver.next()).body.toString()).id)
  }
  await publish(server, 29302, 'product.updated', '5', { data: { id: 5 } })
  expect(JSON.parse((await receiver.next()).body.toString()).id).toBe(5)

  expect((await client.call('DELETE', `/v2/event/subscription/${id}`)).status).toBe(204)
  expect((await client.call('GET', `/v2/event/subscription/${id}`)).status).toBe(404)
  expect((await client.call('GET', '/v2/event/subscription')).json.fullResultSize).toBe(0)
}, 60_000)

test('user and password of the target URL become Basic auth, and are never shown again', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const client = await tripletexClient(server, { tenantId: 1 })
  const targetUrl = receiver.url.replace('http://', 'http://us%C3%A9r:p%40ss@')
  const made = await client.call('POST', '/v2/event/subscription', {
    event: 'contact.create',
    targetUrl: `${targetUrl}?a=b%20c&d`,
    authHeaderName: 'X-Api-Key',
    authHeaderValue: 'k3y-of-the-receiver',
    hmacSharedSecret: 'hush-hush',
  })
  expect(made.status).toBe(201)
  const { id, targetUrl: shown } = made.json.value
  await publish(server, 1, 'contact.created', '1')
  const { headers, path } = await receiver.next()
  expect(path).toBe('/hook?a=b%20c&d')
  expect(headers.authorization).toBe(`Basic ${Buffer.from('usér:p@ss').toString('base64')}`)
  expect(headers['x-api-key']).toBe('k3y-of-the-receiver')

  // A client sends back what it got: nothing is lost by it.
  const read = (await client.call('GET', `/v2/event/subscription/${id}`)).json.value
  const put = await client.call('PUT', `/v2/event/subscription/${id}`, read)
  expect(put.json.value).toEqual({ ...read, version: 1 })
  await publish(server, 1, 'contact.created', '2')
  const second = await receiver.next()
  expect(second.headers.authorization).toBe(headers.authorization)
  expect(second.headers['x-api-key']).toBe('k3y-of-the-receiver')

  const texts = [
    made.text,
    put.text,
    (await client.call('GET', '/v2/event/subscription')).text,
    JSON.stringify(await server.operate('GET', '/v1/subscriptions')),
    JSON.stringify(await server.operate('GET', '/v1/deliveries')),
  ].join()
  for (const secret of ['p%40ss', 'p@ss', 'k3y-of-the-receiver', 'hush-hush']) expect(texts).not.toContain(secret)
  expect(shown).toContain('us%C3%A9r:***@')

  // The header can be renamed without its value, and taken away.
  const path_ = `/v2/event/subscription/${id}`
  await client.call('PUT', path_, { authHeaderName: 'X-Other-Key' })
  await publish(server, 1, 'contact.created', '3')
  expect((await receiver.next()).headers['x-other-key']).toBe('k3y-of-the-receiver')
  await client.call('PUT', path_, { authHeaderName: null, hmacSharedSecret: null, targetUrl: receiver.url })
  await publish(server, 1, 'contact.created', '4')
  const bare = (await receiver.next()).headers
  expect([bare['x-other-key'], bare['x-request-signature'], bare.authorization]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('made natively it is seen here, and the other way round', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const client = await tripletexClient(server, { tenantId: 1 })
  const native = (body: object) =>
    server.call('POST', '/v1/subscriptions', {
      token: client.employeeToken,
      body: { dialect: 'tripletex', endpoint: { url: receiver.url }, ...body },
    })
  const made = await native({ types: ['project.updated'], fields: 'id,name' })
  expect(made.status).toBe(201)
  expect((await native({ types: ['project.*'] })).status).toBe(201)
  expect((await native({ types: ['invoice.*'] })).status).toBe(201)
  const listed = await client.call('GET', '/v2/event/subscription')
  expect(listed.json.values.map(({ event, fields }: { event: string; fields: string }) => [event, fields])).toEqual([
    ['project.update', 'id,name'],
    // Of the types that the pattern fits, Tripletex knows this one alone.
    ['invoice.charged', null],
  ])
  const [{ id, targetUrl }] = listed.json.values
  expect(targetUrl).toBe(receiver.url)
  expect((await client.call('PUT', `/v2/event/subscription/${id}`, { fields: 'name' })).status).toBe(200)
  await publish(server, 1, 'project.updated', '1', { data: { id: 1, name: 'A' } })
  const both = [await receiver.next(), await receiver.next()].map(({ headers, body }) => ({ headers, body }))
  const changed = both.find(({ body }) => JSON.parse(body.toString()).subscriptionId === id)!
  expect(JSON.parse(changed.body.toString()).value).toEqual({ name: 'A' })
  const key = String(changed.headers['idempotency-key'])
  expect(changed.headers['x-request-signature']).toBe(signatureOf(made.json.signingSecret, key, changed.body))

  const here = await client.call('POST', '/v2/event/subscription', { event: 'order.update', targetUrl: receiver.url })
  const seen = await server.call('GET', '/v1/subscriptions', { token: client.employeeToken })
  const mine = seen.json.items.find(({ types }: { types: string[] }) => types[0] === 'order.updated')
  expect(mine).toMatchObject({ dialect: 'tripletex', coalesce: 'latest', tenantId: 1, endpoint: { url: receiver.url } })
  await server.call('POST', `/v1/subscriptions/${mine.id}/disable`, { token: client.employeeToken })
  const shown = await client.call('GET', `/v2/event/subscription/${here.json.value.id}`)
  expect(shown.json.value).toMatchObject({ status: 'DISABLED', version: 0 })
})

test('updates of one entity that wait are coalesced to the latest; each create is sent', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const client = await tripletexClient(server, { tenantId: 1 })
  await client.call('POST', '/v2/event/subscription/list', [
    { event: 'customer.update', targetUrl: `${receiver.url}/updates` },
    { event: 'customer.create', targetUrl: `${receiver.url}/creates` },
  ])
  receiver.answer = 500
  const of = (path: string) =>
    receiver.requests.filter((request) => request.path === path).map(({ body }) => JSON.parse(body.toString()))
  await publish(server, 1, 'customer.created', '7', { data: { version: 0 } })
  await publish(server, 1, 'customer.updated', '7', { data: { version: 1 } })
  await receiver.next()
  await receiver.next()
  await expect.poll(async () => (await server.operate('GET', '/v1/deliveries?status=waiting')).items.length).toBe(2)
  receiver.answer = 200
  await server.operate(
    'POST',
    '/v1/events',
    [2, 3, 4].map((version) => ({ tenantId: 1, type: 'customer.updated', entityId: '7', data: { version } })),
  )
  const isDone = () => of('/hook/updates').some(({ value }) => value.version === 4) && of('/hook/creates').length === 2
  while (!isDone()) {
    await server.clock.advance(70_000)
    await receiver.next()
  }
  expect(of('/hook/creates').at(-1)).toMatchObject({ event: 'customer.create', id: 7, value: { version: 0 } })
})
