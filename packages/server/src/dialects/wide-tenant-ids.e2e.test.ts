import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  grantedTenant,
  type LiveReceiver,
  type LiveServer,
  startLiveReceiver,
  startLiveServer,
} from './fixtures/live.ts'
import { basic, tripletexClient } from './tripletex/fixtures/client.ts'
import { application } from './visma-business-nxt/fixtures/client.ts'

/** Tenant ids that a double cannot tell apart, in every dialect's own words and over real HTTP. */

const one = 116015326147118082n
const other = 116015326147118083n
const largest = 9223372036854775807n

const textOf = async (receiver: LiveReceiver) => (await receiver.next()).body.toString('utf8')

test("moneybird: the contract's example, with its administration of 18 digits, to the letter", async () => {
  const text = readFileSync(new URL('./moneybird/fixtures/sales-invoice-late.json', import.meta.url), 'utf8')
  // White space between the tokens is not part of the example.
  const example = text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: one })
  const stranger = await grantedTenant(server, { tenantId: other })
  const settings = { webhookId: '116010948233266179', token: 'hPCNhskk1PwGC1pyJZMZmKNT' }
  const subscription = {
    dialect: 'moneybird',
    types: ['invoice.state-changed-to-late'],
    endpoint: { url: receiver.url },
    settings,
  }
  expect((await server.call('POST', '/v1/subscriptions', { token, body: subscription })).status).toBe(201)
  // The registration check.
  expect(await textOf(receiver)).toBe('{}')

  const body = (tenantId: bigint) =>
    `{"tenantId":${tenantId},"type":"invoice.state-changed-to-late","entityId":"116015245643744263",
      "data":{"id":"116015245643744263","state":"late"}}`
  await server.operate('POST', '/v1/events', body(other))
  await server.operate('POST', '/v1/events', body(one))
  expect(await textOf(receiver)).toBe(example)

  const api = (path: string, by = token) => server.call('GET', `/api/v2${path}`, { token: by })
  expect((await api('/administrations')).json).toMatchObject([{ id: String(one) }])
  expect((await api(`/${one}/webhooks`)).json).toMatchObject([{ administration_id: String(one) }])
  expect((await api(`/${other}/webhooks`)).status).toBe(404)
  expect((await api(`/${other}/webhooks`, stranger.token)).json).toEqual([])
})

test('fakturownia: `account_id`', async () => {
  const server = await startLiveServer({
    file: operatorFile('dialects:\n  fakturownia:\n    locales: { 116015326147118083: en }\n'),
  })
  const receiver = await startLiveReceiver()
  for (const tenantId of [one, other]) {
    const { token } = await grantedTenant(server, { tenantId })
    const made = await server.call('POST', `/webhooks.json?api_token=${token}`, {
      body: { webhook: { kind: 'client:create', url: `${receiver.url}/${tenantId}`, api_token: 'x', enabled: true } },
    })
    expect([made.status, made.text]).toEqual([201, expect.stringContaining(`"account_id":${tenantId},`)])
  }
  await publishTo(server, [other], 'customer.created')
  const received = await receiver.next()
  expect(received.path).toBe(`/hook/${other}`)
  expect(received.body.toString('utf8')).toContain('"locale":"en"')
})

test('tripletex: company ids', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const client = await tripletexClient(server, { tenantId: one })
  await server.operate('POST', '/v1/tenants', { id: largest, name: 'Klient AS', parentId: one })
  await server.operate('POST', '/v1/tenants', { id: 5, name: 'Liten AS', parentId: one })
  await server.operate('POST', '/v1/tenants', { id: other, name: 'Annen AS' })

  const whoAmI = await client.call('GET', '/v2/token/session/>whoAmI')
  expect(whoAmI.text).toContain(`"companyId":${one},"company":{"id":${one},`)
  const below = await client.call('GET', '/v2/company/>withLoginAccess?sorting=-id')
  expect(below.json.values.map(({ id }: { id: unknown }) => id)).toEqual([largest, 5])
  const target = { event: 'product.create', targetUrl: receiver.url }
  expect((await client.callFor(largest, 'POST', '/v2/event/subscription', target)).status).toBe(201)
  for (const stranger of [other, largest + 1n, `${one}0`]) {
    expect((await client.callFor(stranger, 'GET', '/v2/event/subscription')).status).toBe(401)
  }
  const padded = { authorization: basic(`00${largest}`, client.session) }
  expect((await server.call('GET', '/v2/event/subscription', padded)).json.values).toHaveLength(1)

  await publishTo(server, [other, one, largest], 'product.created')
  expect(await textOf(receiver)).toContain(`"value":{"id":${largest}}`)
})

test('visma-business-nxt: customer and company numbers', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const [customerNo, companyNo, sibling] = [largest, one, other]
  await server.operate('POST', '/v1/tenants', { id: customerNo, name: 'Kunde AS' })
  for (const id of [companyNo, sibling]) await server.operate('POST', '/v1/tenants', { id, parentId: customerNo })
  const client = await application(server, customerNo)
  const target = await client.target(receiver.url, { tenantId: companyNo })
  expect(target.tenantId).toBe(companyNo)
  const list = await client.call('GET', 'webhook-targets')
  expect(list.json.items[0].tenantId).toBe(companyNo)

  const row = { targetId: target.id, customerNo, companyNo, tableIdentifier: 'Product' }
  const refused = await client.call('POST', 'webhook-subscriptions', { ...row, companyNo: sibling })
  expect([refused.status, refused.json.errors[0].pointer]).toEqual([422, '/companyNo'])
  const made = await client.subscribe(target.id, row)
  expect([made.customerNo, made.companyNo]).toEqual([customerNo, companyNo])
  const twin = await client.call('POST', 'webhook-subscriptions', row)
  expect(twin.status).toBe(409)

  await publishTo(server, [sibling, companyNo], 'product.created')
  const { headers, body } = await receiver.next()
  expect(body.toString('utf8')).toContain(`"customerNo":${customerNo},"companyNo":${companyNo},`)
  expect(headers).toMatchObject({ 'x-vwd-tenant-id': String(companyNo), 'x-vwd-group-id': String(customerNo) })
})

test('standard and cloudevents: the tenant of the event', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  receiver.answer = () => ({ status: 200, headers: { 'WebHook-Allowed-Origin': '*', 'WebHook-Allowed-Rate': '*' } })
  const { token } = await grantedTenant(server, { tenantId: one })
  for (const dialect of ['standard', 'cloudevents']) {
    const endpoint = { url: `${receiver.url}/${dialect}` }
    const body = { dialect, types: ['product.created'], endpoint }
    expect((await server.call('POST', '/v1/subscriptions', { token, body })).status).toBe(201)
  }
  expect((await receiver.next()).method).toBe('OPTIONS')
  await publishTo(server, [other, one], 'product.created')
  const received = new Map([await receiver.next(), await receiver.next()].map((request) => [request.path, request]))
  expect(received.get('/hook/standard')!.body.toString('utf8')).toContain(`"tenantId":${one},`)
  const text = received.get('/hook/cloudevents')!.body.toString('utf8')
  expect(text).toContain(`"tenantid":"${one}"`)
  expect(text).toContain(`"source":"/tenants/${one}"`)
})

function operatorFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-wide-ids-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'tidings.yaml'), text)
  return join(folder, 'tidings.yaml')
}

async function publishTo(server: LiveServer, tenantIds: readonly bigint[], type: string): Promise<void> {
  for (const tenantId of tenantIds) {
    await server.operate('POST', '/v1/events', { tenantId, type, entityId: String(tenantId), data: { id: tenantId } })
  }
}
