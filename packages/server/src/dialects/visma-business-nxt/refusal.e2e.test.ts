import { describe, expect, test } from 'vitest'
import { adminKey } from '../fixtures/live.ts'
import { application, companyNo, customerNo, start } from './fixtures/client.ts'

/** Every way in which the management interface refuses, and what an application must never see of another. */

test('only an application with its client secret comes in', async () => {
  const { server, accessToken, call } = await start()
  for (const path of ['/visma-nxt/v1/webhook-targets', '/visma-nxt/v1/webhook-subscriptions']) {
    for (const [status, code, options] of [
      [401, 'unauthorized', {}],
      [401, 'unauthorized', { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }],
      [403, 'forbidden', { token: accessToken }],
      [403, 'forbidden', { token: adminKey }],
    ] as const) {
      const answer = await server.call('GET', path, options)
      expect([answer.status, answer.json.code]).toEqual([status, code])
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    }
    expect((await call('GET', path)).json).toEqual({ items: [], next: null })
    const other = await call('PUT', path, {})
    expect([other.status, other.json.code, other.headers.get('allow')]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD, OPTIONS, POST',
    ])
  }
  expect((await call('GET', '/visma-nxt/v1/nothing')).json.code).toBe('not_found')
})

describe('what does not fit is refused with every field at fault', () => {
  test('targets', async () => {
    const { call, target, receiver } = await start()
    const pointers = async (method: string, path: string, body: unknown) => {
      const { status, json } = await call(method, path, body)
      expect([status, json.code]).toEqual([422, 'invalid_request'])
      return json.errors.map(({ pointer }: { pointer: string }) => pointer)
    }
    const post = (body: unknown) => pointers('POST', 'webhook-targets', body)
    const { url } = receiver
    expect(await post({})).toContain('/url')
    expect(await post({ url: 'http://169.254.169.254/' })).toEqual(['/url'])
    expect(await post({ url, secret: 1 })).toEqual(['/secret'])
    expect(await post({ url, tenantId: 999 })).toEqual(['/tenantId'])
    expect(await post({ url, signatureKey: 'short' })).toEqual(['/signatureKey'])
    expect(await post({ url, retryPolicy: { kind: 'never' } })).toContain('/retryPolicy/kind')
    expect(await post({ url, retryPolicy: { attempts: 41 } })).toContain('/retryPolicy/attempts')
    expect(await post({ url, retryPolicy: { intervalSeconds: 0 } })).toContain('/retryPolicy/intervalSeconds')
    expect(await post({ url, retryPolicy: { pause: 1 } })).toEqual(['/retryPolicy/pause'])
    const { id } = await target(url)
    expect(await pointers('PATCH', `webhook-targets/${id}`, { url: 'x' })).toEqual(['/url'])
    expect(await pointers('PATCH', `webhook-targets/${id}`, { tenantId: 1 })).toEqual(['/tenantId'])
    const rotate = `webhook-targets/${id}/rotate-signature-key`
    expect(await pointers('POST', rotate, { overlapSeconds: -1 })).toContain('/overlapSeconds')
    expect((await call('POST', rotate)).status).toBe(200)
    expect((await call('POST', 'webhook-targets', '{"url":')).status).toBe(400)
  })

  test('subscriptions', async () => {
    const { server, call, target, receiver, subscribe } = await start()
    await server.operate('POST', '/v1/tenants', { id: 31 })
    const { id: targetId } = await target(receiver.url)
    const limited = await target(receiver.url, { tenantId: companyNo })
    const row = { targetId, customerNo, companyNo, tableIdentifier: 'Order' }
    const fault = async (change: object, method = 'POST', path = 'webhook-subscriptions') => {
      const { status, json } = await call(method, path, method === 'POST' ? { ...row, ...change } : change)
      expect([status, json.code]).toEqual([422, 'invalid_request'])
      return `${json.errors[0].pointer} ${json.errors[0].code}`
    }
    expect(await fault({ targetId: 'rec_none' })).toBe('/targetId unknown_target')
    expect(await fault({ tableIdentifier: 'Nothing' })).toBe('/tableIdentifier unknown_table')
    expect(await fault({ tableIdentifier: 115 })).toBe('/tableIdentifier unknown_table')
    expect(await fault({ companyNo: 6 })).toBe('/companyNo unknown_tenant')
    expect(await fault({ companyNo: 6, customerNo: 0 })).toBe('/companyNo unknown_tenant')
    expect(await fault({ companyNo: 31, customerNo: 0 })).toBe('/companyNo unknown_tenant')
    expect(await fault({ companyNo: 0, customerNo: 31 })).toBe('/customerNo unknown_tenant')
    expect(await fault({ companyNo: customerNo, customerNo: companyNo })).toBe('/companyNo unknown_tenant')
    expect(await fault({ targetId: limited.id, companyNo: 0 })).toBe('/customerNo unknown_tenant')
    expect(await fault({ events: ['UPSERT'] })).toMatch(/^\/events\/0 /)
    expect(await fault({ url: 'x' })).toBe('/url unknown_field')
    expect(await subscribe(limited.id, { customerNo: 0, companyNo: 0, tableIdentifier: 'Order' })).toMatchObject({
      customerNo: companyNo,
      companyNo: 0,
    })

    const { id } = await subscribe(targetId, row)
    const twin = await call('POST', 'webhook-subscriptions', { ...row, tableIdentifier: 127 })
    expect([twin.status, twin.json.code]).toEqual([409, 'conflict'])
    const both = await Promise.all(
      [1, 2].map(() => call('POST', 'webhook-subscriptions', { ...row, tableIdentifier: 'Product' })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
    const path = `webhook-subscriptions/${id}`
    expect(await fault({ tableIdentifier: 'Nothing' }, 'PATCH', path)).toBe('/tableIdentifier unknown_table')
    expect(await fault({ companyNo: 31, customerNo: 0 }, 'PATCH', path)).toBe('/companyNo unknown_tenant')
    expect(await fault({ targetId: 'rec_none' }, 'PATCH', path)).toBe('/targetId unknown_target')
    expect((await call('PATCH', path, { tableIdentifier: 'Product' })).status).toBe(409)
    const changed = await call('PATCH', path, { tableIdentifier: 'Text', events: ['DELETE'], companyNo: 0 })
    expect(changed.json).toMatchObject({ tableIdentifier: 'Text', events: ['DELETE'], customerNo, companyNo: 0 })
  })
})

test('lists by pages', async () => {
  const { call, target, receiver } = await start()
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await target(receiver.url)).id)
  const first = (await call('GET', 'webhook-targets?limit=2')).json
  const second = (await call('GET', `webhook-targets?limit=2&cursor=${first.next}`)).json
  const shown = [...first.items, ...second.items].map(({ id }: { id: string }) => id)
  expect(shown.sort()).toEqual(ids.sort())
  expect(second.next).toBeNull()
  expect((await call('GET', 'webhook-targets?cursor=x')).status).toBe(422)
})

test('nobody sees, changes or receives what is another application’s', async () => {
  const first = await start()
  const { server, receiver } = first
  await server.operate('POST', '/v1/tenants', { id: 31 })
  const second = await application(server, 31)
  const { id } = await first.target(receiver.url)
  const row = await first.subscribe(id)
  for (const path of [`webhook-targets/${id}`, `webhook-subscriptions/${row.id}`]) {
    const missing = await second.call('GET', path.replace(/[^/]+$/, 'rec_none'))
    for (const [method, body] of [
      ['GET', undefined],
      ['PATCH', {}],
      ['DELETE', undefined],
    ] as const) {
      const answer = await second.call(method, path, body)
      expect([answer.status, answer.json]).toEqual([404, missing.json])
    }
  }
  expect((await second.call('POST', `webhook-targets/${id}/rotate-signature-key`)).status).toBe(404)
  for (const list of ['webhook-targets', 'webhook-subscriptions']) {
    expect((await second.call('GET', list)).json.items).toEqual([])
  }
  const onto = { targetId: id, companyNo: 31, tableIdentifier: 'OrderLine' }
  expect((await second.call('POST', 'webhook-subscriptions', onto)).status).toBe(422)
  const own = await second.target(`${receiver.url}/second`)
  const foreign = { targetId: own.id, companyNo, tableIdentifier: 'OrderLine' }
  expect((await second.call('POST', 'webhook-subscriptions', foreign)).status).toBe(422)
  await second.subscribe(own.id, { customerNo: 0, companyNo: 0 })
  await first.publish('order-line.updated')
  await first.publish('order-line.updated', {}, 31)
  const requests = [await receiver.next(), await receiver.next()]
  const companies = new Map(requests.map(({ path, body }) => [path, JSON.parse(body.toString()).companyNo]))
  expect(companies).toEqual(
    new Map([
      ['/hook', companyNo],
      ['/hook/second', 31],
    ]),
  )
})

test('a signature key is shown once, and nowhere else, in no form', async () => {
  const { server, call, target, receiver, subscribe } = await start()
  const { id, signatureKey } = await target(receiver.url, { signatureKey: 'a-key-that-is-secret' })
  const row = await subscribe(id)
  for (const answer of [
    await call('GET', 'webhook-targets'),
    await call('GET', `webhook-targets/${id}`),
    await call('PATCH', `webhook-targets/${id}`, {}),
    await call('GET', `webhook-subscriptions/${row.id}`),
    await call('GET', `/v1/subscriptions/${row.id}`),
    await server.call('GET', '/v1/subscriptions', { token: adminKey }),
  ]) {
    expect(answer.status).toBe(200)
    expect(answer.text).not.toContain(signatureKey)
    expect(answer.text).not.toMatch(/sealed|v1\.[\w-]{20}/)
  }
})

test('one mechanism: made here and seen natively, made natively and seen here', async () => {
  const { call, target, receiver, subscribe, publish } = await start()
  const { id } = await target(receiver.url)
  const here = await subscribe(id)
  const listed = (await call('GET', '/v1/subscriptions')).json.items
  expect(listed).toMatchObject([
    {
      id: here.id,
      dialect: 'visma-business-nxt',
      types: ['order-line.created', 'order-line.updated', 'order-line.deleted'],
      tenants: [companyNo],
      endpoint: { url: receiver.url },
    },
  ])
  await call('POST', `/v1/subscriptions/${here.id}/disable`)
  expect((await call('GET', `webhook-subscriptions/${here.id}`)).json.active).toBe(false)

  const make = (body: object) =>
    call('POST', '/v1/subscriptions', {
      dialect: 'visma-business-nxt',
      endpoint: { url: `${receiver.url}/native` },
      tenants: [companyNo],
      ...body,
    })
  const native = await make({ types: ['product.updated'], settings: { retryPolicy: { kind: 'none' } } })
  expect(native).toMatchObject({ status: 201, json: { signingSecret: expect.stringMatching(/^[\w-]{43}$/) } })
  expect((await make({ types: ['product.updated', 'order.updated'] })).status).toBe(201)
  expect((await make({ types: ['product.updated'], settings: { targetId: id } })).status).toBe(422)
  // A row has one table: the second cannot be expressed, and is not shown.
  const rows = (await call('GET', 'webhook-subscriptions')).json.items
  expect(rows.map((row: { id: string }) => row.id).sort()).toEqual([here.id, native.json.id].sort())
  expect((await call('GET', `webhook-subscriptions/${native.json.id}`)).json).toMatchObject({
    targetId: null,
    customerNo,
    companyNo,
    tableIdentifier: 'Product',
    events: ['UPDATE'],
  })
  await publish('product.updated')
  const { path, body } = await receiver.next()
  expect([path, JSON.parse(body.toString()).tableIdentifier]).toEqual(['/hook/native', 'Product'])

  const attached = await call('PATCH', `webhook-subscriptions/${native.json.id}`, { targetId: id })
  expect(attached.json.targetId).toBe(id)
  expect((await call('GET', `/v1/subscriptions/${native.json.id}`)).json.endpoint.url).toBe(receiver.url)
})
