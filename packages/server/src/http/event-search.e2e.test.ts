import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { ManualClock } from '../core/time/clock.ts'

const adminKey = 'operator-of-the-search-test'
const data = mkdtempSync(join(tmpdir(), 'tidings-search-'))
const clock = new ManualClock()
const operator = `Bearer ${adminKey}`
let server: RunningServer
/** An integration that was granted tenant 1, its invoices alone. */
let narrow: string

beforeAll(async () => {
  server = await startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }), {
    clock,
  })
  for (const id of [1, 2]) await call('POST', '/v1/tenants', { id })
  const { json: integration } = await call('POST', '/v1/integrations', { name: 'Payroll Sync' })
  const grant = { tenantId: 1, types: ['invoice.*'] }
  const { json: token } = await call('POST', `/v1/integrations/${integration.id}/tokens`, grant)
  narrow = `Bearer ${token.accessToken}`
  // As text: a number of this length would lose digits on its way through JavaScript.
  await publish(
    '{"tenantId":1,"type":"invoice.updated","entityId":"a","id":"one","data":{"total":12345678901234567.89}}',
  )
  await clock.advance(60_000)
  await publish({ tenantId: 2, type: 'invoice.updated', entityId: 'a', id: 'two', data: { total: 5 } })
  await publish({ tenantId: 1, type: 'customer.updated', entityId: 'c', id: 'three' })
  await clock.advance(60_000)
  await publish({ tenantId: 1, type: 'invoice.created', entityId: 'b', id: 'four', data: { total: 500 } })
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: unknown, authorization = operator) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: JSON.parse(text) }
}
const publish = (event: object | string) => call('POST', '/v1/events', event)
const idsOf = ({ json }: { json: { items: { id: string }[] } }) => json.items.map(({ id }) => id)

test.each<[string, string[]]>([
  ['', ['four', 'three', 'two', 'one']],
  ['topic=invoices', ['four', 'two', 'one']],
  ['types=invoice.updated,customer.*', ['three', 'two', 'one']],
  ['tenant=2', ['two']],
  ['entity=a', ['two', 'one']],
  ['since=2026-01-01T00:01:00Z', ['four', 'three', 'two']],
  ['until=2026-01-01T00:02:00Z', ['three', 'two', 'one']],
  ['since=2026-01-01T00:01:00Z&until=2026-01-01T00:02:00Z', ['three', 'two']],
  [`filter=${encodeURIComponent('{"data.total":{"$gt":100}}')}`, ['four', 'one']],
  ['id=two', ['two']],
  ['id=three&tenant=1', ['three']],
])('events by `%s`, newest first', async (query, ids) => {
  expect(idsOf(await call('GET', `/v1/events?${query}`))).toEqual(ids)
})

test('pages follow each other without a gap and without a double', async () => {
  const first = await call('GET', '/v1/events?limit=3')
  const second = await call('GET', `/v1/events?limit=3&cursor=${first.json.next}`)
  expect([idsOf(first), idsOf(second), second.json.next]).toEqual([['four', 'three', 'two'], ['one'], null])
  expect(first.text).toContain('"timestamp":"2026-01-01T00:02:00.000Z"')
  expect(second.text).toContain('"total":12345678901234567.89')
})

test('nobody sees what was not granted, by whatever question', async () => {
  const mine = (query: string) => call('GET', `/v1/events?${query}`, undefined, narrow)
  expect(idsOf(await mine(''))).toEqual(['four', 'one'])
  for (const query of ['tenant=2', 'types=customer.*', 'topic=customers', 'entity=c']) {
    expect(idsOf(await mine(query))).toEqual([])
  }
  expect((await mine('id=two')).status).toBe(404)
  expect((await call('GET', '/v1/events/three/bodies', undefined, narrow)).status).toBe(404)
  const tried = await call('POST', '/v1/filters/try', {}, narrow)
  expect([tried.json.tried, tried.text.includes('"two"')]).toEqual([2, false])
})

test.each(['types=?', 'tenant=x', 'since=yesterday', 'filter={', 'limit=0', 'cursor=x', 'ids=1'])(
  'a question with `%s` is refused',
  async (query) => {
    expect((await call('GET', `/v1/events?${query}`)).status).toBeGreaterThanOrEqual(400)
  },
)

test('an event is shown as each dialect would send it, with every digit', async () => {
  const { json } = await call('GET', '/v1/events/one/bodies')
  const bodies = new Map<string, { name: string; body: string }>(
    json.items.map((item: { dialect: string }) => [item.dialect, item]),
  )
  expect([...bodies.keys()].sort()).toEqual([...['cloudevents', 'fakturownia', 'fortnox', 'moneybird', 'standard']])
  expect(bodies.get('standard')!.body).toContain('"total":12345678901234567.89')
  expect(JSON.parse(bodies.get('fortnox')!.body)).toMatchObject({ topic: 'invoices', tenantId: 1, entityId: 'a' })
  expect(bodies.get('fortnox')!.name).not.toBe('invoice.updated')
  expect((await call('GET', '/v1/events/none/bodies')).status).toBe(404)
})

test('a filter is tried on recent events, without being stored', async () => {
  const { json } = await call('POST', '/v1/filters/try', {
    ...{ types: ['invoice.*'], filter: { 'data.total': { $gt: 100 } }, limit: 2 },
  })
  expect([json.tried, json.matched]).toEqual([3, 2])
  const shown = json.items.map(({ matches, event }: { matches: boolean; event: { id: string } }) => [event.id, matches])
  expect(shown).toEqual([
    ['four', true],
    ['two', false],
  ])
  const ofTwo = await call('POST', '/v1/filters/try', { tenants: [2] })
  expect([ofTwo.json.tried, ofTwo.json.matched]).toEqual([1, 1])
  const bad = await call('POST', '/v1/filters/try', { filter: { 'data.total': { $near: 1 } } })
  expect([bad.status, bad.json.errors[0].pointer]).toEqual([400, expect.stringMatching(/^\/filter/)])
})
