import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import kinds from '../../catalogue/fixtures/fakturownia-events.json' with { type: 'json' }
import { deliveryAfter, startAccount } from './fixtures/client.ts'

/** The whole life of webhooks over real HTTP, as an integrator of the contract lives it. */

const example = JSON.parse(readFileSync(new URL('./fixtures/fakturownia-invoice.json', import.meta.url), 'utf8'))
// Contract: 25 attempts, the gap before attempt n + 1 is 5 + n^4 seconds.
const gapsSeconds = [
  6, 21, 86, 261, 630, 1_301, 2_406, 4_101, 6_566, 10_005, 14_646, 20_741, 28_566, 38_421, 50_630, 65_541, 83_526,
  104_981, 130_326, 160_005, 194_486, 234_261, 279_846, 331_781,
]

test('subscribe, receive, fail 25 times on schedule, be deactivated, come back, replay, delete', async () => {
  const account = await startAccount()
  const { server, receiver, call, publish } = account
  const made = await call('POST', '/webhooks.json', {
    webhook: { kind: 'invoice:create', url: receiver.url, api_token: 'from-fakturownia', enabled: true },
  })
  expect(made.status).toBe(201)
  const { id } = made.json
  expect(Object.keys(made.json)).toEqual([
    'id',
    'kind',
    'account_id',
    'url',
    'api_token',
    'active',
    'created_at',
    'updated_at',
  ])
  expect(made.json).toMatchObject({
    id: expect.any(Number),
    kind: 'invoice:create',
    account_id: 7,
    url: receiver.url,
    api_token: 'from-fakturownia',
    active: true,
  })

  await publish('invoice.created', { data: example.deal })
  const first = await receiver.next()
  expect(first).toMatchObject({ method: 'POST', path: '/hook' })
  expect(first.headers['content-type']).toBe('application/json')
  expect(first.body.toString()).toBe(JSON.stringify({ ...example, api_token: 'from-fakturownia' }))
  const known = (await deliveryAfter(server, 1)).id
  expect(first.headers['idempotency-key']).toBe(known)

  // Another kind, another account's, a quiet one: none of them is for this webhook.
  await publish('invoice.updated', { data: {} })
  await publish('invoice.created', { data: {}, quiet: true })

  receiver.answer = 500
  await publish('invoice.created', { entityId: '112', data: { name: 'Bułka' } })
  const attempts = [await receiver.next()]
  for (const gapSeconds of gapsSeconds) {
    const { nextAttemptAt, lastAttempt, status } = await deliveryAfter(server, attempts.length, known)
    expect(status).toBe('waiting')
    const gapMs = Date.parse(nextAttemptAt) - Date.parse(lastAttempt.at)
    expect(gapMs).toBeGreaterThanOrEqual(gapSeconds * 1_000)
    expect(gapMs).toBeLessThan(gapSeconds * 1_000 + 2_000)
    await server.clock.advance(Date.parse(nextAttemptAt) - server.clock.now() + 1)
    attempts.push(await receiver.next())
  }
  expect(attempts).toHaveLength(25)
  expect(new Set(attempts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  expect(new Set(attempts.map(({ body }) => body.toString())).size).toBe(1)
  expect(JSON.parse(attempts[0]!.body.toString())).toMatchObject({ id: 112, deal: { name: 'Bułka' } })

  await expect.poll(async () => (await call('GET', `/webhooks/${id}.json`)).json.active).toBe(false)
  const [native] = (await server.operate('GET', '/v1/subscriptions')).items
  expect(native).toMatchObject({ status: 'disabled', disabledReason: 'attempts_exhausted', dialect: 'fakturownia' })
  expect(await deliveryAfter(server, 25)).toMatchObject({ status: 'failed', lastAttempt: { error: 'http_500' } })

  // Events of the meantime are not lost.
  await publish('invoice.created', { entityId: '113', data: {} })
  receiver.answer = 200
  const back = await call('PUT', `/webhooks/${id}.json`, { webhook: { active: true } })
  expect(back).toMatchObject({ status: 200, json: { active: true, api_token: 'from-fakturownia' } })
  await server.clock.advance(3_600_000)
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ id: 113 })
  const gone = await call('DELETE', `/webhooks/${id}.json`)
  expect([gone.status, gone.text]).toEqual([204, ''])
  expect((await call('GET', `/webhooks/${id}.json`)).status).toBe(404)
  expect((await call('GET', '/webhooks.json')).json).toEqual([])
}, 120_000)

test('all nine kinds can be subscribed to, published and received', async () => {
  const { receiver, call, publish } = await startAccount()
  const catalogue = builtinCatalogue()
  for (const kind of kinds) {
    const url = `${receiver.url}/${kind.replace(':', '/')}`
    expect((await call('POST', '/webhooks.json', { kind, url })).status).toBe(201)
  }
  const listed = (await call('GET', '/webhooks.json')).json.map(({ kind }: { kind: string }) => kind)
  expect(listed).toEqual(kinds)
  for (const kind of kinds) await publish(catalogue.byName('fakturownia', kind)!.type, { data: { name: kind } })
  const got = new Map<string, string>()
  for (const _ of kinds) {
    const { path, body } = await receiver.next()
    const entity = path.includes('invoice') ? 'deal' : path.split('/')[2]!
    got.set(path.replace('/hook/', '').replace('/', ':'), JSON.parse(body.toString())[entity].name)
  }
  expect([...got].sort()).toEqual(kinds.map((kind) => [kind, kind]).sort())
}, 30_000)

test('with GET the scalars of the body are the query', async () => {
  const { receiver, call, publish } = await startAccount()
  const made = await call('POST', '/webhooks.json', {
    webhook: { kind: 'invoice:update', url: `${receiver.url}?shop=1`, api_token: 'a b&c', method: 'get' },
  })
  expect(made.json.method).toBe('GET')
  await publish('invoice.updated', { data: { price: '12.3' } })
  const { method, path, body } = await receiver.next()
  expect([method, body.length]).toEqual(['GET', 0])
  expect(Object.fromEntries(new URL(path, receiver.url).searchParams)).toEqual({
    shop: '1',
    id: '111',
    app_name: 'fakturownia',
    api_token: 'a b&c',
    locale: 'pl',
  })
  const changed = await call('PUT', `/webhooks/${made.json.id}.json`, { webhook: { method: 'post' } })
  expect(changed.json).not.toHaveProperty('method')
})
