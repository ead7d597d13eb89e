import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { type ReceiveOptions, receive } from './receive.ts'
import { MemorySeenDeliveries } from './seen-deliveries.ts'
import { verifyWebhook } from './verify-webhook.ts'
import type { WebhookDialect } from './webhook-events.ts'

const now = Date.UTC(2026, 0, 31, 12)
const url = 'https://receiver.example.com/hook'
const whsec = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const whpk = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`

/** What a sender sends, signed by code that shares nothing with this package. */
interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const standardHeaders = (id: string, body: string, atMs = now) => ({
  'webhook-id': id,
  'webhook-timestamp': String(atMs / 1_000),
  'webhook-signature': new Webhook(whsec).sign(id, new Date(atMs), body),
})
const hmac = (hash: string, secret: string, text: string, encoding: 'base64' | 'hex') =>
  createHmac(hash, secret).update(text).digest(encoding)

interface Case {
  readonly dialect: WebhookDialect
  readonly secrets: string | readonly string[]
  /** Signed at `atMs`, where the dialect signs a time. */
  readonly send: (id: string, atMs?: number) => Sent
  readonly success: number
  readonly signsTime: boolean
  readonly expected: object
}

const standardBody =
  '{"type":"invoice.updated","tenantId":1,"topic":"invoices","offset":"o1","id":"e1","data":{"n":12345678901234567.89}}'
const cloudBody =
  '{"specversion":"1.0","id":"e1","source":"/tenants/1","type":"invoice.updated","tenantid":"1","topic":"invoices","offset":"o1","data":{"entityId":"7"}}'
const tripletexBody = '{"subscriptionId":17,"event":"product.update","id":20250206211528366,"value":{"id":3817}}'
const vismaBody =
  '{"tableIdentifier":"OrderLine","customerNo":1,"companyNo":2,"event":"INSERT","primaryKeys":[{"OrderNo":20250206211528366}],"timestamp":"2025-02-06T21:15:28.3971469Z","changedByUser":"ola","changedColumns":[]}'
const moneybirdBody =
  '{"administration_id":"1","webhook_id":"116","webhook_token":"h","entity_type":"SalesInvoice","entity_id":"3817","state":"late","action":"sales_invoice_state_changed_to_late","entity":null}'
const fakturowniaBody = '{"client":{"id":111},"app_name":"fakturownia","api_token":"łódź","locale":"pl"}'

const cases: Readonly<Record<string, Case>> = {
  'standard v1': {
    dialect: 'standard',
    secrets: whsec,
    send: (id, atMs) => ({ headers: standardHeaders(id, standardBody, atMs), body: standardBody }),
    success: 204,
    signsTime: true,
    expected: { type: 'invoice.updated', tenantId: 1, raw: standardBody },
  },
  'standard v1a': {
    dialect: 'standard',
    secrets: whpk,
    send: (id, atMs = now) => {
      const signature = sign(null, Buffer.from(`${id}.${atMs / 1_000}.${standardBody}`), privateKey).toString('base64')
      const headers = { ...standardHeaders(id, standardBody, atMs), 'webhook-signature': `v1a,${signature}` }
      return { headers, body: standardBody }
    },
    success: 204,
    signsTime: true,
    expected: { type: 'invoice.updated' },
  },
  'cloudevents, structured': {
    dialect: 'cloudevents',
    secrets: whsec,
    send: (id, atMs) => ({
      headers: { ...standardHeaders(id, cloudBody, atMs), 'content-type': 'application/cloudevents+json' },
      body: cloudBody,
    }),
    success: 204,
    signsTime: true,
    expected: { type: 'invoice.updated', source: '/tenants/1', data: { entityId: '7' } },
  },
  'cloudevents, binary': {
    dialect: 'cloudevents',
    secrets: whsec,
    send: (id, atMs) => ({
      headers: {
        ...standardHeaders(id, '{"entityId":"7"}', atMs),
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-type': 'invoice.updated',
        'ce-subject': 'Euro%20%E2%82%AC',
      },
      body: '{"entityId":"7"}',
    }),
    success: 204,
    signsTime: true,
    expected: {
      specversion: '1.0',
      type: 'invoice.updated',
      subject: 'Euro €',
      datacontenttype: 'application/json',
      data: { entityId: '7' },
    },
  },
  tripletex: {
    dialect: 'tripletex',
    secrets: 'hemmelig',
    send: (id) => ({
      headers: {
        'idempotency-key': id,
        'x-request-signature': hmac('sha512', 'hemmelig', `${id}&${tripletexBody}`, 'base64'),
      },
      body: tripletexBody,
    }),
    success: 204,
    signsTime: false,
    expected: { event: 'product.update', id: 20250206211528366n, value: { id: 3817 } },
  },
  'visma-business-nxt': {
    dialect: 'visma-business-nxt',
    secrets: ['the former key', 'nøkkel'],
    send: (id) => ({
      headers: { 'x-vwd-notification-id': id, 'x-vwd-signature-v1': hmac('sha256', 'nøkkel', vismaBody, 'base64') },
      body: vismaBody,
    }),
    success: 204,
    signsTime: false,
    expected: { tableIdentifier: 'OrderLine', primaryKeys: [{ OrderNo: 20250206211528366n }] },
  },
  moneybird: {
    dialect: 'moneybird',
    secrets: 'geheim',
    send: (id, atMs = now) => {
      const signature = hmac('sha256', 'geheim', `${atMs / 1_000}.${moneybirdBody}`, 'hex')
      const other = 'ab'.repeat(32)
      return {
        headers: { 'idempotency-key': id, 'moneybird-signature': `t=${atMs / 1_000},v1=${other},v1=${signature}` },
        body: moneybirdBody,
      }
    },
    success: 200,
    signsTime: true,
    expected: { action: 'sales_invoice_state_changed_to_late', entity_id: '3817' },
  },
  fakturownia: {
    dialect: 'fakturownia',
    secrets: 'łódź',
    send: (id) => ({ headers: { 'idempotency-key': id }, body: fakturowniaBody }),
    success: 204,
    signsTime: false,
    expected: { client: { id: 111 }, locale: 'pl' },
  },
}

function receiving(of: Pick<Case, 'dialect' | 'secrets'>, more: Partial<ReceiveOptions> = {}) {
  const handled: { readonly event: object; readonly deliveryId: string }[] = []
  const [refused, failed]: [Error[], unknown[]] = [[], []]
  const receiver = receive({
    dialect: of.dialect,
    secrets: of.secrets,
    now: () => now,
    handle: (event: object, { deliveryId }: { deliveryId: string }) => void handled.push({ event, deliveryId }),
    onRefused: (error) => refused.push(error),
    onError: (error) => failed.push(error),
    ...more,
  } as ReceiveOptions)
  const post = async ({ headers, body }: Sent, method = 'POST') =>
    (await receiver.fetch(new Request(url, { method, headers, body }))).status
  return { receiver, post, handled, refused, failed }
}

describe.each(Object.entries(cases))('%s', (_name, each) => {
  test('what is genuine is handed over, once, and answered as its sender wants it', async () => {
    const { post, handled } = receiving(each)
    expect(await post(each.send('dlv_1'))).toBe(each.success)
    expect(await post(each.send('dlv_1'))).toBe(each.success)
    expect(await post(each.send('dlv_2'))).toBe(each.success)
    expect(handled.map(({ deliveryId }) => deliveryId)).toEqual(['dlv_1', 'dlv_2'])
    expect(handled[0]!.event).toMatchObject(each.expected)
  })

  test('what is altered, of another sender, or without its headers is refused', async () => {
    const { post, handled, refused } = receiving(each)
    const genuine = each.send('dlv_1')
    const altered = genuine.body.replaceAll(/1|ł/g, (letter) => (letter === '1' ? '2' : 'l'))
    const isSigned = each.dialect !== 'fakturownia'
    const others: Sent[] = [
      { ...genuine, body: isSigned ? `${genuine.body} ` : altered },
      { ...genuine, headers: {} },
      ...Object.keys(genuine.headers)
        .filter((name) => /signature|-id$|idempotency/.test(name))
        .map((name) => ({
          ...genuine,
          headers: Object.fromEntries(Object.entries(genuine.headers).filter(([key]) => key !== name)),
        })),
      ...Object.entries(genuine.headers)
        .filter(([name]) => /signature/.test(name))
        .map(([name, value]) => ({
          ...genuine,
          headers: { ...genuine.headers, [name]: value.replaceAll(/[a-f]/g, '0') },
        })),
    ]
    for (const other of others) expect(await post(other)).toBe(400)
    expect(handled).toEqual([])
    expect(refused).toHaveLength(others.length)
    const stranger = receiving({
      dialect: each.dialect,
      secrets:
        each.dialect === 'standard' || each.dialect === 'cloudevents'
          ? `whsec_${Buffer.alloc(32, 9).toString('base64')}`
          : 'another',
    })
    expect(await stranger.post(genuine)).toBe(400)
  })

  test('what is signed and no JSON is refused', async () => {
    const { post } = receiving({ dialect: 'visma-business-nxt', secrets: 'k' })
    const body = 'no JSON'
    const headers = { 'x-vwd-notification-id': '1', 'x-vwd-signature-v1': hmac('sha256', 'k', body, 'base64') }
    expect(await post({ headers, body })).toBe(400)
  })

  test.runIf(each.signsTime)('what was signed more than five minutes ago or ahead is refused', async () => {
    const { post, handled, refused } = receiving(each)
    expect(await post(each.send('dlv_1', now - 301_000))).toBe(400)
    expect(await post(each.send('dlv_1', now + 301_000))).toBe(400)
    expect(refused.map((error) => (error as { code?: string }).code)).toEqual(['too_old', 'too_new'])
    expect(await post(each.send('dlv_1', now - 300_000))).toBe(each.success)
    expect(handled).toHaveLength(1)
  })
})

const ofStandard = cases['standard v1']!

test('a handler that throws is answered with 500, so the delivery comes again and is then handled', async () => {
  let isBroken = true
  const handled: string[] = []
  const { post, failed } = receiving(ofStandard, {
    handle: (_event: object, { deliveryId }: { deliveryId: string }) => {
      if (isBroken) throw new Error('the database is away: password 1234')
      handled.push(deliveryId)
    },
  } as Partial<ReceiveOptions>)
  expect(await post(ofStandard.send('dlv_1'))).toBe(500)
  isBroken = false
  expect(await post(ofStandard.send('dlv_1'))).toBe(204)
  expect(handled).toEqual(['dlv_1'])
  expect(failed.map((error) => (error as Error).message)).toEqual(['the database is away: password 1234'])
})

test('the sender is not told what went wrong', async () => {
  const { receiver } = receiving(ofStandard, {
    handle: () => {
      throw new Error('password 1234')
    },
  })
  const { headers, body } = ofStandard.send('dlv_1')
  const response = await receiver.fetch(new Request(url, { method: 'POST', headers, body }))
  expect(await response.text()).not.toContain('1234')
})

test('a delivery that comes again while it is handled has the same outcome, and is handled once', async () => {
  let fail = (_error: Error) => {}
  let calls = 0
  let asked = 0
  const both = Promise.withResolvers<void>()
  const { post } = receiving(ofStandard, {
    // Each request asks for the secrets before it is verified.
    secrets: () => {
      if (++asked === 2) both.resolve()
      return [whsec]
    },
    handle: () => {
      calls++
      return new Promise<void>((_resolve, reject) => {
        fail = reject
      })
    },
  })
  const first = post(ofStandard.send('dlv_1'))
  await expect.poll(() => calls).toBe(1)
  const second = post(ofStandard.send('dlv_1'))
  await both.promise
  // What remains of its way is one verification: twenty that begin now, one after the other, end after it.
  const genuine = ofStandard.send('dlv_1')
  for (let count = 0; count < 20; count++) await verifyWebhook({ ...genuine, secrets: whsec, nowMs: now })
  fail(new Error('no'))
  expect(await Promise.all([first, second])).toEqual([500, 500])
  expect(calls).toBe(1)
})

test('of a batch whose third event fails, the first two are not handled again', async () => {
  const text = (id: string) =>
    `{"type":"invoice.updated","tenantId":1,"topic":"invoices","offset":"${id}","id":"${id}"}`
  const handled: string[] = []
  let failing = 'e3'
  const { post } = receiving(ofStandard, {
    handle: ({ id }: { id: string }) => {
      if (id === failing) throw new Error('not now')
      handled.push(id)
    },
  } as Partial<ReceiveOptions>)
  const send = (id: string, ...ids: string[]): Sent => {
    const body = `[${ids.map(text).join(',')}]`
    return { headers: standardHeaders(id, body), body }
  }
  expect(await post(send('dlv_1.02a0642963a9', 'e1', 'e2', 'e3', 'e4'))).toBe(500)
  failing = ''
  // Tidings sends each by itself, as an array of one under its own delivery's id.
  for (const [index, id] of ['e1', 'e2', 'e3', 'e4'].entries())
    expect(await post(send(`dlv_${index + 1}`, id))).toBe(204)
  expect(handled).toEqual(['e1', 'e2', 'e3', 'e4'])
})

test('a store of your own says what was handled', async () => {
  const ids = new Set(['dlv_1'])
  const seen = { has: async (id: string) => ids.has(id), add: async (id: string) => void ids.add(id) }
  const { post, handled } = receiving(ofStandard, { seen })
  expect(await post(ofStandard.send('dlv_1'))).toBe(204)
  expect(await post(ofStandard.send('dlv_2'))).toBe(204)
  expect(handled.map(({ deliveryId }) => deliveryId)).toEqual(['dlv_2'])
  expect([...ids]).toEqual(['dlv_1', 'dlv_2'])
})

test('the store in memory forgets the oldest', async () => {
  const seen = new MemorySeenDeliveries(2)
  for (const id of ['a', 'b', 'c']) await seen.add(id)
  expect(await Promise.all(['a', 'b', 'c'].map((id) => seen.has(id)))).toEqual([false, true, true])
})

test('secrets may change while it runs; one that is none is the fault of the receiver', async () => {
  let secrets = ['whsec_*']
  const { post, failed } = receiving({ dialect: 'standard', secrets: whsec }, { secrets: () => secrets })
  expect(await post(ofStandard.send('dlv_1'))).toBe(500)
  expect(failed).toMatchObject([{ code: 'invalid_key' }])
  secrets = [whsec]
  expect(await post(ofStandard.send('dlv_1'))).toBe(204)
  expect(() => receiving({ dialect: 'tripletex', secrets: '' })).toThrow('no secret was given')
})

test('a body that is too large, and other methods, are not read', async () => {
  const { post, receiver } = receiving(ofStandard, { maxBodyBytes: 50 })
  expect(await post(ofStandard.send('dlv_1'))).toBe(413)
  const response = await receiver.fetch(new Request(url))
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})

test('a request whose body was read before is the fault of the receiver', async () => {
  const { receiver, failed } = receiving(ofStandard)
  const { headers, body } = ofStandard.send('dlv_1')
  const request = new Request(url, { method: 'POST', headers, body })
  await request.json()
  expect((await receiver.fetch(request)).status).toBe(500)
  expect((failed[0] as Error).message).toContain('parsed before')
})

test("cloudevents: consent is given to the senders that may have it, and nobody's delivery is taken for it", async () => {
  const { receiver } = receiving(cases['cloudevents, structured']!, { origins: ['hooks.example.com'] })
  const ask = async (origin: string) => {
    const headers = { 'webhook-request-origin': origin, 'webhook-request-rate': '120' }
    const { status, headers: given } = await receiver.fetch(new Request(url, { method: 'OPTIONS', headers }))
    return [status, given.get('webhook-allowed-origin'), given.get('webhook-allowed-rate')]
  }
  expect(await ask('hooks.example.com')).toEqual([200, 'hooks.example.com', '*'])
  expect(await ask('other.example.com')).toEqual([200, null, null])
})

test('moneybird: the check at registration is answered with 200, and is no event', async () => {
  const { post, handled } = receiving(cases.moneybird!)
  expect(await post({ headers: {}, body: '{}' })).toBe(200)
  expect(handled).toEqual([])
})

test('fakturownia: a delivery by GET is in the query', async () => {
  const { receiver, handled } = receiving(cases.fakturownia!)
  const get = async (token: string) => {
    const query = new URLSearchParams({ id: '111', app_name: 'fakturownia', api_token: token, locale: 'pl' })
    return (await receiver.fetch(new Request(`${url}?${query}`, { headers: { 'idempotency-key': 'dlv_1' } }))).status
  }
  expect(await get('łódź')).toBe(204)
  expect(await get('another')).toBe(400)
  expect(handled.map(({ event }) => event)).toEqual([
    { id: '111', app_name: 'fakturownia', api_token: 'łódź', locale: 'pl' },
  ])
})
