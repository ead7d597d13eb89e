import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import type { ReceivedRequest } from '../fixtures/live.ts'
import { companyNo, customerNo, type Setting, start } from './fixtures/client.ts'

/** The whole life of targets and subscriptions over real HTTP, as an integrator of the contract lives it. */

const day = 86_400_000
const exampleText = readFileSync(
  new URL('./fixtures/visma-business-nxt-order-line.json', import.meta.url),
  'utf8',
).replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')

/** Shares nothing with the sender: the key as UTF-8 text, the raw bytes, base64. */
function isGenuine({ headers, body }: ReceivedRequest, key: string): boolean {
  const expected = createHmac('sha256', Buffer.from(key, 'utf8')).update(body).digest('base64')
  return headers['x-vwd-signature-v1'] === expected
}

const bodyOf = ({ body }: ReceivedRequest) => JSON.parse(body.toString('utf8'))

/** The one delivery that was attempted so often, once that is written down. */
async function deliveryAfter({ server }: Setting, attempts: number, status: string) {
  let row: { id: string; nextAttemptAt: string; lastAttempt: { at: string } } | undefined
  const look = async () => {
    const { items } = await server.operate('GET', `/v1/deliveries?status=${status}`)
    row = items.find((item: { attempts: number }) => item.attempts === attempts)
    return row !== undefined
  }
  await expect.poll(look, { timeout: 10_000, interval: 5 }).toBe(true)
  return row!
}

test('target, subscription, delivery to the letter, retries on schedule, kept as failed, resent, deleted', async () => {
  const setting = await start()
  const { server, receiver, call, target, subscribe } = setting
  const made = await target(receiver.url)
  expect(Object.keys(made)).toEqual(['id', 'url', 'retryPolicy', 'tenantId', 'createdAt', 'updatedAt', 'signatureKey'])
  expect(made.retryPolicy).toEqual({ kind: 'exponential', attempts: 10, intervalSeconds: 30 })
  const row = await subscribe(made.id)
  expect(row).toEqual({
    id: expect.stringMatching(/^sub_/),
    targetId: made.id,
    customerNo,
    companyNo,
    tableIdentifier: 'OrderLine',
    events: ['INSERT', 'UPDATE', 'DELETE'],
    active: true,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  })

  receiver.answer = 207
  const before = server.clock.now()
  const [, columns] = /"changedColumns":(\[.*\])\}$/.exec(exampleText)!
  await server.call('POST', '/v1/events', {
    token: 'operator-of-the-tests',
    body: `{"tenantId":${companyNo},"type":"order-line.created","keys":[{"OrderNo":3},{"LineNo":1}],
      "time":"2025-02-06T22:15:28.3971469+01:00","actor":"ola.normann","changed":${columns}}`,
  })
  const first = await receiver.next()
  expect(first.body.toString('utf8')).toBe(exampleText)
  expect(isGenuine(first, made.signatureKey)).toBe(true)
  expect(isGenuine(first, `${made.signatureKey} `)).toBe(false)
  const names = first.rawHeaders.filter((_, index) => index % 2 === 0)
  expect(names.filter((name) => /^x-vwd-/i.test(name))).toEqual([
    'x-vwd-signature-v1',
    'x-vwd-notification-id',
    'x-vwd-notification-timestamp',
    'x-vwd-webhook-timestamp',
    'x-vwd-event-id',
    'x-vwd-application-id',
    'x-vwd-application-version',
    'x-vwd-subscription-id',
    'x-vwd-tenant-id',
    'x-vwd-group-id',
  ])
  expect(first.headers).toMatchObject({
    'x-vwd-event-id': 'TableChange',
    'x-vwd-application-id': setting.integrationId,
    'x-vwd-subscription-id': row.id,
    'x-vwd-tenant-id': String(companyNo),
    'x-vwd-group-id': String(customerNo),
  })
  for (const name of ['x-vwd-notification-timestamp', 'x-vwd-webhook-timestamp']) {
    expect(Number(first.headers[name])).toBeGreaterThanOrEqual(before)
    expect(Number(first.headers[name])).toBeLessThanOrEqual(server.clock.now())
  }

  receiver.answer = 500
  await setting.publish('order-line.deleted', { changed: [{ Text: 'gone' }] })
  const attempts = [await receiver.next()]
  expect(bodyOf(attempts[0]!)).not.toHaveProperty('changedColumns')
  for (const gapSeconds of [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360]) {
    const { nextAttemptAt, lastAttempt } = await deliveryAfter(setting, attempts.length, 'waiting')
    const gapMs = Date.parse(nextAttemptAt) - Date.parse(lastAttempt.at)
    expect(gapMs).toBeGreaterThanOrEqual(gapSeconds * 1_000)
    expect(gapMs).toBeLessThan(gapSeconds * 1_000 + 2_000)
    await server.clock.advance(Date.parse(nextAttemptAt) - server.clock.now() + 1)
    attempts.push(await receiver.next())
  }
  const failed = await deliveryAfter(setting, 11, 'failed')
  expect(new Set(attempts.map(({ headers }) => headers['x-vwd-notification-id']))).toEqual(new Set([failed.id]))
  expect(new Set(attempts.map(({ headers }) => headers['x-vwd-notification-timestamp'])).size).toBe(1)
  expect(new Set(attempts.map(({ headers }) => headers['x-vwd-webhook-timestamp'])).size).toBe(11)
  expect(attempts.every((attempt) => isGenuine(attempt, made.signatureKey))).toBe(true)
  // A failed delivery ends no subscription.
  expect((await call('GET', `webhook-subscriptions/${row.id}`)).json.active).toBe(true)

  receiver.answer = 202
  await server.clock.advance(day)
  expect((await call('POST', `/v1/deliveries/${failed.id}/resend`)).status).toBe(202)
  expect((await receiver.next()).headers['x-vwd-notification-id']).toBe(failed.id)

  // Stopped by its owner, it misses nothing.
  expect((await call('PATCH', `webhook-subscriptions/${row.id}`, { active: false })).json.active).toBe(false)
  await setting.publish('order-line.updated', { changed: [{ While: 'stopped' }] })
  expect((await call('PATCH', `webhook-subscriptions/${row.id}`, { active: true })).json.active).toBe(true)
  expect(bodyOf(await receiver.next()).changedColumns).toEqual([{ While: 'stopped' }])

  const deleted = await call('DELETE', `webhook-targets/${made.id}`)
  expect([deleted.status, deleted.text]).toEqual([204, ''])
  expect((await call('GET', `webhook-targets/${made.id}`)).status).toBe(404)
  expect((await call('GET', `webhook-subscriptions/${row.id}`)).status).toBe(404)
}, 60_000)

test('a change of a target applies to all of its subscriptions, and to no other', async () => {
  const { server, receiver, call, target, subscribe, publish } = await start()
  const one = await target(`${receiver.url}/one`, { retryPolicy: { kind: 'none' } })
  const two = await target(`${receiver.url}/two`)
  const rows = [
    await subscribe(one.id),
    await subscribe(one.id, { tableIdentifier: 127 }),
    await subscribe(two.id, { tableIdentifier: 'Product' }),
  ]
  const changed = await call('PATCH', `webhook-targets/${one.id}`, {
    url: `${receiver.url}/moved`,
    retryPolicy: { kind: 'fixed', attempts: 2 },
  })
  expect(changed.json.retryPolicy).toEqual({ kind: 'fixed', attempts: 2, intervalSeconds: 30 })
  for (const type of ['order-line.created', 'order.created', 'product.created']) await publish(type)
  const requests = [await receiver.next(), await receiver.next(), await receiver.next()]
  const seen = new Map(requests.map((request) => [bodyOf(request).tableIdentifier, request]))
  expect([...seen].map(([table, { path }]) => [table, path]).sort()).toEqual([
    ['Order', '/hook/moved'],
    ['OrderLine', '/hook/moved'],
    ['Product', '/hook/two'],
  ])
  expect(isGenuine(seen.get('Order')!, one.signatureKey)).toBe(true)
  expect(isGenuine(seen.get('OrderLine')!, one.signatureKey)).toBe(true)
  expect(isGenuine(seen.get('Product')!, two.signatureKey)).toBe(true)

  // Its own retry policy: two retries, 30 seconds apart.
  receiver.answer = 500
  await publish('order.updated')
  await receiver.next()
  for (let retry = 1; retry <= 2; retry++) {
    await expect
      .poll(async () => (await server.operate('GET', '/v1/deliveries?status=waiting')).items[0]?.attempts)
      .toBe(retry)
    await server.clock.advance(30_001)
    await receiver.next()
  }
  await expect.poll(async () => (await server.operate('GET', '/v1/deliveries?status=failed')).items.length).toBe(1)

  // A subscription moves to another target.
  receiver.answer = 200
  const moved = await call('PATCH', `webhook-subscriptions/${rows[1].id}`, { targetId: two.id })
  expect(moved.json).toMatchObject({ targetId: two.id, tableIdentifier: 'Order' })
  await server.clock.advance(3_600_000)
  await publish('order.deleted')
  const last = await receiver.next()
  expect([last.path, isGenuine(last, two.signatureKey)]).toEqual(['/hook/two', true])
})

test('the signature key rotates with an overlap: a receiver that has either key loses nothing', async () => {
  const { server, receiver, call, target, subscribe, publish } = await start()
  const { id, signatureKey: former } = await target(receiver.url, { signatureKey: 'brought-along-0123456789' })
  expect(former).toBe('brought-along-0123456789')
  await subscribe(id)
  const rotated = await call('POST', `webhook-targets/${id}/rotate-signature-key`, { overlapSeconds: 3_600 })
  expect(rotated.status).toBe(200)
  const { signatureKey } = rotated.json
  expect(signatureKey).not.toBe(former)

  await publish('order-line.updated')
  const unaware = await receiver.next()
  expect([isGenuine(unaware, former), isGenuine(unaware, signatureKey)]).toEqual([true, false])
  // A receiver that has the new key alone refuses the first attempt and accepts the second.
  receiver.answer = () => ({ status: isGenuine(receiver.requests.at(-1)!, signatureKey) ? 200 : 401 })
  await publish('order-line.updated')
  await receiver.next()
  await expect.poll(async () => (await server.operate('GET', '/v1/deliveries?status=waiting')).items.length).toBe(1)
  await server.clock.advance(30_001)
  expect(isGenuine(await receiver.next(), signatureKey)).toBe(true)

  await server.clock.advance(3_600_000)
  await publish('order-line.updated')
  expect(isGenuine(await receiver.next(), signatureKey)).toBe(true)
  const atOnce = await call('POST', `webhook-targets/${id}/rotate-signature-key`, { overlapSeconds: 0 })
  receiver.answer = 200
  await publish('order-line.updated')
  expect(isGenuine(await receiver.next(), atOnce.json.signatureKey)).toBe(true)
})

test('several targets and subscriptions: companies, customers, and tables of the customer', async () => {
  const { server, receiver, target, subscribe, publish } = await start()
  await server.operate('POST', '/v1/tenants', { id: 5199769, parentId: customerNo })
  await server.operate('POST', '/v1/tenants', { id: 31 })
  const paths = ['company', 'customer', 'everything'] as const
  const [company, customer, everything] = await Promise.all(paths.map((path) => target(`${receiver.url}/${path}`)))
  await subscribe(company!.id, { customerNo: 0, tableIdentifier: 'Order' })
  await subscribe(customer!.id, { companyNo: 0, tableIdentifier: '127' })
  await subscribe(customer!.id, { companyNo: 0, tableIdentifier: 'company' })
  await subscribe(everything!.id, { companyNo: 0, customerNo: 0, tableIdentifier: 'Order', events: ['INSERT'] })

  const got = async (count: number) => {
    const requests: string[] = []
    for (let index = 0; index < count; index++) {
      const request = await receiver.next()
      const body = bodyOf(request)
      requests.push(`${request.path.slice(6)} ${body.customerNo}/${body.companyNo} ${body.event}`)
    }
    return requests.sort()
  }
  await publish('order.updated')
  expect(await got(2)).toEqual([
    `company ${customerNo}/${companyNo} UPDATE`,
    `customer ${customerNo}/${companyNo} UPDATE`,
  ])
  await publish('order.deleted', {}, 5199769)
  expect(await got(1)).toEqual([`customer ${customerNo}/5199769 DELETE`])
  // `granted` is what was granted itself: the customer, and not by way of it its companies.
  await publish('order.created', {}, customerNo)
  expect(await got(2)).toEqual([`customer ${customerNo}/0 INSERT`, `everything ${customerNo}/0 INSERT`])
  await publish('company.updated', {}, customerNo)
  expect(await got(1)).toEqual([`customer ${customerNo}/0 UPDATE`])
  await publish('order.created', {}, 31)
  await publish('order.updated', { quiet: true })
  await publish('company.updated', {})
  expect(await got(1)).toEqual([`customer ${customerNo}/0 UPDATE`])
})

test('every table of the catalogue can be subscribed to, published and received', async () => {
  const { receiver, target, subscribe, publish } = await start()
  const types = builtinCatalogue().types('visma-business-nxt')
  const tables = new Set(types.map(({ details }) => String(details.get('visma-business-nxt')!.tableIdentifier)))
  expect(tables.size).toBeGreaterThan(30)
  const { id } = await target(receiver.url)
  for (const tableIdentifier of tables) await subscribe(id, { tableIdentifier })
  for (const { type } of types) await publish(type)
  const got = new Set<string>()
  while (got.size < types.length) {
    const { tableIdentifier, event } = bodyOf(await receiver.next())
    got.add(`${tableIdentifier} ${event}`)
  }
  expect([...got].sort()).toEqual(types.map(({ names }) => names.get('visma-business-nxt')).sort())
}, 60_000)
