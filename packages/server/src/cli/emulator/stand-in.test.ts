import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { HTTP } from 'cloudevents'
import { Webhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type LiveReceiver, type ReceivedRequest, startLiveReceiver } from '../../dialects/fixtures/live.ts'
import { startCommand, tidings } from '../fixtures/cli.ts'
import { call, startStandIn, type TestStandIn } from './fixtures/stand-in.ts'

/** What an integrator does with the stand-in of one system, with what it printed and nothing else. */
interface Journey {
  /** Subscribes the receiver; returns how to see whether it is still subscribed, and what verifies a request. */
  subscribe(standIn: TestStandIn, receiver: LiveReceiver): Promise<Subscribed>
  /** The event to fire, by its name there. */
  readonly event: string
  expectBody(request: ReceivedRequest, text: string): void
  /** By then every retry was made. */
  readonly allRetries: string
  readonly attempts: number
  /** What disables the subscription after that; undefined: nothing does. */
  readonly disabling?: { readonly forward: string; readonly fires: boolean }
}

interface Subscribed {
  isActive(): Promise<boolean>
  verify?(request: ReceivedRequest): void
}

const entityId = '3817'

const journeys: Record<string, Journey> = {
  tripletex: {
    async subscribe({ credentials }, receiver) {
      const { baseUrl, companies } = credentials
      const [{ authorization }] = companies
      const body = { event: 'product.update', targetUrl: receiver.url, hmacSharedSecret: 'hush' }
      const made = await call('POST', `${baseUrl}/event/subscription`, { authorization, body })
      expect(made.status).toBe(201)
      const path = `${baseUrl}/event/subscription/${made.json.value.id}`
      return {
        isActive: async () => {
          const { status } = (await call('GET', path, { authorization })).json.value
          expect(['ACTIVE', 'DISABLED_TOO_MANY_ERRORS']).toContain(status)
          return status === 'ACTIVE'
        },
        verify({ headers, body: raw }) {
          const expected = createHmac('sha512', 'hush').update(`${headers['idempotency-key']}&`).update(raw)
          expect(headers['x-request-signature']).toBe(expected.digest('base64'))
        },
      }
    },
    event: 'product.update',
    expectBody: (_, text) =>
      expect(JSON.parse(text)).toMatchObject({
        event: 'product.update',
        id: 3817,
        value: { id: 3817, name: expect.any(String), currency: { id: expect.any(Number) } },
      }),
    allRetries: '34h',
    attempts: 9,
    disabling: { forward: '7d', fires: true },
  },
  moneybird: {
    async subscribe({ credentials }, receiver) {
      const { baseUrl, administrations } = credentials
      const [{ administration_id: id, authorization }] = administrations
      expect((await call('GET', `${baseUrl}/administrations.json`, { authorization })).json[0].id).toBe(id)
      const body = { url: receiver.url, enabled_events: ['sales_invoice_state_changed_to_late'] }
      const made = await call('POST', `${baseUrl}/${id}/webhooks.json`, { authorization, body })
      expect(made.status).toBe(201)
      // The registration check.
      expect((await receiver.next()).body.toString()).toBe('{}')
      return {
        isActive: async () => {
          const [webhook] = (await call('GET', `${baseUrl}/${id}/webhooks`, { authorization })).json
          return webhook.deactivated_at === null
        },
        verify({ headers, body: raw }) {
          const [, t, v1] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(headers['moneybird-signature'])) ?? []
          expect(v1).toBe(createHmac('sha256', made.json.secret).update(`${t}.`).update(raw).digest('hex'))
          expectNow(Number(t) * 1_000)
        },
      }
    },
    event: 'sales_invoice_state_changed_to_late',
    expectBody: (_, text) =>
      expect(JSON.parse(text)).toMatchObject({
        administration_id: '29302',
        entity_type: 'SalesInvoice',
        entity_id: entityId,
        state: 'late',
        action: 'sales_invoice_state_changed_to_late',
        entity: { id: entityId, state: 'late', total_price_incl_tax: '121.0' },
      }),
    allRetries: '5h',
    attempts: 11,
  },
  fakturownia: {
    async subscribe({ credentials }, receiver) {
      const { baseUrl, accounts } = credentials
      const [{ api_token: token }] = accounts
      const body = { webhook: { kind: 'invoice:create', url: receiver.url, api_token: 'ours' } }
      const made = await call('POST', `${baseUrl}/webhooks.json?api_token=${token}`, { body })
      expect(made.status).toBe(201)
      return {
        isActive: async () =>
          (await call('GET', `${baseUrl}/webhooks/${made.json.id}.json?api_token=${token}`)).json.active,
      }
    },
    event: 'invoice:create',
    expectBody: (_, text) =>
      expect(JSON.parse(text)).toMatchObject({
        id: 3817,
        deal: { price: '12.3', external_ids: { fakturownia: 3817 }, skip_webhooks: true },
        app_name: 'fakturownia',
        api_token: 'ours',
      }),
    allRetries: '20d',
    attempts: 24,
    disabling: { forward: '5d', fires: false },
  },
  'visma-business-nxt': {
    async subscribe({ credentials }, receiver) {
      const { baseUrl, authorization, customerNo, companies } = credentials
      const target = await call('POST', `${baseUrl}/webhook-targets`, { authorization, body: { url: receiver.url } })
      expect(target.status).toBe(201)
      const [{ companyNo }] = companies
      const body = { targetId: target.json.id, customerNo, companyNo, tableIdentifier: 'OrderLine' }
      const made = await call('POST', `${baseUrl}/webhook-subscriptions`, { authorization, body })
      expect(made.status).toBe(201)
      return {
        isActive: async () =>
          (await call('GET', `${baseUrl}/webhook-subscriptions/${made.json.id}`, { authorization })).json.active,
        verify({ headers, body: raw }) {
          const expected = createHmac('sha256', target.json.signatureKey).update(raw).digest('base64')
          expect(headers['x-vwd-signature-v1']).toBe(expected)
          expectNow(Number(headers['x-vwd-webhook-timestamp']))
        },
      }
    },
    event: 'OrderLine UPDATE',
    expectBody(_, text) {
      expect(JSON.parse(text)).toMatchObject({ tableIdentifier: 'OrderLine', customerNo: 29300, companyNo: 29302 })
      // More than a double holds.
      expect(text).toMatch(/\{"ChangedTimestamp":20\d{15}\}/)
    },
    allRetries: '9h',
    attempts: 11,
  },
  standard: {
    async subscribe(standIn, receiver) {
      const { isActive, signingSecret } = await subscribeNatively(standIn, receiver, 'standard')
      return { isActive, verify: (request) => verifyStandard(signingSecret, request) }
    },
    event: 'invoice.updated',
    expectBody: (_, text) =>
      expect(JSON.parse(text)).toMatchObject({
        type: 'invoice.updated',
        tenantId: 29302,
        entityId,
        data: { id: entityId, currency: 'SEK' },
      }),
    allRetries: '4d',
    attempts: 10,
    disabling: { forward: '2d', fires: true },
  },
  cloudevents: {
    async subscribe(standIn, receiver) {
      receiver.answer = () => ({ status: 200, headers: { 'webhook-allowed-origin': '*' } })
      const { isActive, signingSecret } = await subscribeNatively(standIn, receiver, 'cloudevents')
      expect((await receiver.next()).method).toBe('OPTIONS')
      return { isActive, verify: (request) => verifyStandard(signingSecret, request) }
    },
    event: 'order.created',
    expectBody({ headers }, text) {
      const event = HTTP.toEvent({ headers, body: text })
      expect(event).toMatchObject({ type: 'order.created', source: '/tenants/29302', subject: entityId })
    },
    allRetries: '4d',
    attempts: 10,
    disabling: { forward: '2d', fires: true },
  },
}

/** The recommended libraries accept timestamps of five minutes around the real time. */
function verifyStandard(secret: string, { headers, body }: ReceivedRequest): void {
  for (const library of [Webhook, SvixWebhook]) new library(secret).verify(body.toString(), headers as never)
}

function expectNow(ms: number): void {
  expect(Math.abs(ms - Date.now())).toBeLessThan(300_000)
}

async function subscribeNatively({ credentials }: TestStandIn, receiver: LiveReceiver, dialect: string) {
  const { baseUrl, clientId, clientSecret } = credentials
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  const body = { dialect, types: ['*'], endpoint: { url: receiver.url } }
  const made = await call('POST', `${baseUrl}/subscriptions`, { authorization, body })
  expect(made.status).toBe(201)
  const isActive = async () =>
    (await call('GET', `${baseUrl}/subscriptions/${made.json.id}`, { authorization })).json.status === 'active'
  return { isActive, signingSecret: made.json.signingSecret as string }
}

describe.each(Object.entries(journeys))('a stand-in for %s', (dialect, journey) => {
  test('subscribe, receive, fail, see every retry at once, and what follows', async () => {
    const standIn = await startStandIn(dialect)
    const receiver = await startLiveReceiver()
    const { isActive, verify } = await journey.subscribe(standIn, receiver)
    const fire = (id: string) =>
      standIn.run('emulate', 'fire', journey.event, ...(dialect === 'visma-business-nxt' ? [] : ['--entity-id', id]))

    expect(await fire(entityId)).toContain('of 29302 was raised')
    const first = await receiver.next()
    journey.expectBody(first, first.body.toString())
    verify?.(first)

    receiver.answer = 500
    const before = receiver.requests.length
    await fire('3818')
    await standIn.run('emulate', 'forward', journey.allRetries)
    expect(receiver.requests.length - before).toBe(journey.attempts)
    const bodies = new Set(receiver.requests.slice(before).map(({ body }) => body.toString()))
    expect(bodies.size).toBe(1)
    // The stand-in's clock is hours ahead by now.
    for (const request of receiver.requests.slice(before)) verify?.(request)
    expect(await isActive()).toBe(true)

    if (!journey.disabling) {
      const [failed] = JSON.parse(await standIn.run('deliveries', 'list', '--json'))
      expect(failed).toMatchObject({ status: 'failed', attempts: journey.attempts })
      return
    }
    await standIn.run('emulate', 'forward', journey.disabling.forward)
    if (journey.disabling.fires) await fire('3819')
    await expect.poll(isActive, { timeout: 10_000 }).toBe(false)
  })
})

test("Fortnox's stream goes on while time moves, and its events carry the moved time", async () => {
  const standIn = await startStandIn('fortnox')
  const { url, clientSecret, tenants } = standIn.credentials
  const socket = new WebSocket(url)
  const messages: Record<string, unknown>[] = []
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
  const next = async () => {
    await expect.poll(() => messages.length, { timeout: 20_000 }).toBeGreaterThan(0)
    return messages.shift()!
  }
  await once(socket, 'open')
  const accessTokens = tenants.map(({ authorization }: { authorization: string }) => authorization)
  for (const command of [
    { command: 'add-tenants-v1', clientSecret, accessTokens },
    { command: 'add-topics-v1', topics: [{ topic: 'invoices' }, { topic: 'vouchers' }] },
    { command: 'subscribe-v1' },
  ]) {
    socket.send(JSON.stringify(command))
    expect(await next()).toMatchObject({ response: command.command, result: 'ok' })
  }
  await standIn.run('emulate', 'fire', 'invoicepayment-bookkeep-v1', '--entity-id', '9')
  const first = await next()
  expect(first).toMatchObject({
    type: 'invoicepayment-bookkeep-v1',
    tenantId: 29302,
    entityId: '9',
    invoiceId: '3817',
    fullyPaid: true,
  })

  await standIn.run('emulate', 'forward', '8h')
  await standIn.run('emulate', 'fire', 'voucher-created-v1', '--tenant', '41877')
  const second = await next()
  expect(second).toMatchObject({ tenantId: 41877, entityId: '1-R-2', year: 1, series: 'R', id: 2 })
  const movedMs = Date.parse(String(second.timestamp)) - Date.parse(String(first.timestamp))
  expect(movedMs).toBeGreaterThanOrEqual(8 * 3_600_000)
  expect(socket.readyState).toBe(WebSocket.OPEN)
  socket.close()
  await once(socket, 'close')
})

test('a person reads the credentials, and how to go on', async () => {
  const command = startCommand(['emulate', 'moneybird', '--port', '0'])
  const { stdout } = await command.said('Ctrl-C ends.')
  const [, url] = /stands in for moneybird at (\S+)/.exec(stdout)!
  expect(stdout).toContain(`baseUrl           ${url}/api/v2`)
  expect(stdout).toMatch(/publisher key +tid_pub_/)
  const [, key] = new RegExp(`export TIDINGS_URL=${url} TIDINGS_KEY=(\\S+)`).exec(stdout)!
  const fired = await tidings(['emulate', 'fire', 'contact_created'], { env: { TIDINGS_URL: url!, TIDINGS_KEY: key! } })
  expect(fired).toMatchObject({ code: 0, stdout: expect.stringContaining('contact_created 1160152456437440') })
  const published = await tidings(['publish', '--type', 'contact.updated', '--tenant', '29302', '--entity', '1'], {
    env: { TIDINGS_URL: url!, TIDINGS_KEY: /publisher key +(\S+)/.exec(stdout)![1]! },
  })
  expect(published.code).toBe(0)
  command.kill('SIGINT')
  expect((await command.done).code).toBe(0)
})

test('a dialect that there is not is wrong use, and the answer names those that there are', async () => {
  const { code, stderr } = await tidings(['emulate', 'exact'])
  expect(code).toBe(2)
  expect(stderr).toContain('tripletex')
})

test('it can listen to other machines, and its receivers may then be on them', async () => {
  const standIn = await startStandIn('moneybird', '--host', '0.0.0.0')
  const { port } = new URL(standIn.url)
  expect(new URL(standIn.url).hostname).toBe('0.0.0.0')
  const subscribe = (at: string) =>
    call('POST', `http://127.0.0.1:${port}/v1/subscriptions`, {
      authorization: standIn.credentials.administrations[0].authorization,
      body: { types: ['*'], endpoint: { url: at } },
    })
  // Private networks are allowed, what is neither private nor public is not.
  expect((await subscribe('http://172.18.0.7:8000/hook')).status).toBe(201)
  expect((await subscribe('http://169.254.169.254/')).status).toBe(422)
})
