import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

const adminKey = 'operator-of-the-audit-test'
const data = mkdtempSync(join(tmpdir(), 'tidings-audit-'))
let server: RunningServer

const start = () => startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }))
beforeAll(async () => {
  server = await start()
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: object, key = `Bearer ${adminKey}`) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: key, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, text, body: text === '' ? null : JSON.parse(text) }
}

test('every change is kept: who, what, when, from where; nothing secret; refusals and reading are not', async () => {
  const { body: key } = await call('POST', '/v1/keys', { kind: 'admin' })
  const own = `Bearer ${key.key}`
  await call('POST', '/v1/tenants', { id: 7, name: 'Bygg AB' }, own)
  expect((await call('POST', '/v1/tenants', { id: 7, name: 'Bygg AB' }, own)).status).toBe(409)
  const { body: made } = await call('POST', '/v1/integrations', { name: 'Payroll' }, own)
  const { body: token } = await call('POST', `/v1/integrations/${made.id}/tokens`, { tenantId: 7 }, own)
  const basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString('base64')}`
  const draft = { endpoint: { url: 'https://example.com/hook' }, types: ['*'] }
  const { body: subscription } = await call('POST', '/v1/subscriptions', draft, basic)
  await call('POST', `/v1/subscriptions/${subscription.id}/disable`, {}, basic)
  await call('POST', '/v1/events', { tenantId: 7, type: 'invoice.updated', entityId: '1' })
  await call('DELETE', `/v1/integrations/${made.id}/tokens/${token.id}`, undefined, own)

  const { body: page, text } = await call('GET', '/v1/audit')
  const lines = page.items.map((entry: Record<string, unknown> & { by: { kind: string; id: string } }) =>
    [entry.by.kind, entry.by.id, entry.action, entry.kind, entry.id, entry.request].join(' '),
  )
  const operator = `operator ${key.id}`
  const integrator = `integrator ${made.id}`
  expect(lines).toEqual([
    `${operator} deleted token ${token.id} DELETE /v1/integrations/:id/tokens/:tokenId`,
    `${integrator} changed subscription ${subscription.id} POST /v1/subscriptions/:id/disable`,
    `${integrator} created subscription ${subscription.id} POST /v1/subscriptions`,
    `${operator} created token ${token.id} POST /v1/integrations/:id/tokens`,
    `${operator} created integration ${made.id} POST /v1/integrations`,
    `${operator} created tenant 7 POST /v1/tenants`,
    `operator configured created key ${key.id} POST /v1/keys`,
  ])
  expect(page.items[0]).toMatchObject({ address: '127.0.0.1', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) })
  for (const secret of [adminKey, key.key, made.clientSecret, token.accessToken, subscription.signingSecret]) {
    expect(text).not.toContain(secret)
  }
  expect((await call('GET', '/v1/audit', undefined, basic)).status).toBe(403)
})

test('an entry names integration and tenant, and every field can be asked for', async () => {
  const big = '9223372036854775805'
  const raw = async (path: string) => (await call('GET', path)).text
  const made = async (path: string, body: object) => (await call('POST', path, body)).body
  await fetch(`${server.url}/v1/tenants`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: `{"id":${big}}`,
  })
  await made('/v1/tenants', { id: 8 })
  const one = await made('/v1/integrations', { name: 'One' })
  const other = await made('/v1/integrations', { name: 'Other' })
  const token = await made(`/v1/integrations/${one.id}/tokens`, { tenantId: 8 })
  const foreign = await made(`/v1/integrations/${other.id}/tokens`, { tenantId: 8 })
  const endpoint = { url: 'https://example.com/hook' }
  const byToken = await call('POST', '/v1/subscriptions', { endpoint, types: ['*'] }, `Bearer ${token.accessToken}`)
  const subscription = byToken.body.id
  await call('POST', `/v1/subscriptions/${subscription}/rewind`, { to: 'earliest' })
  const resend = await fetch(`${server.url}/v1/deliveries/resend`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subscription }),
  })
  const { id: resendId } = (await resend.json()) as { readonly id: string }
  expect(resend.status).toBe(202)
  await call('DELETE', `/v1/integrations/${one.id}/tokens/${token.id}`)

  const found = async (query: string) => {
    const { items } = JSON.parse(await raw(`/v1/audit?${query}`))
    return items.map((entry: { action: string; kind: string; id: string; integrationId: string; tenantId: number }) =>
      [entry.action, entry.kind, entry.id, entry.integrationId, entry.tenantId].join(' '),
    )
  }
  const of = `${one.id} 8`
  expect(await found(`integration=${one.id}`)).toEqual([
    `deleted token ${token.id} ${of}`,
    `created resend ${resendId} ${of}`,
    `changed subscription ${subscription} ${of}`,
    `created subscription ${subscription} ${of}`,
    `created token ${token.id} ${of}`,
    `created integration ${one.id} ${one.id} `,
  ])
  expect(await found(`tenant=8&kind=token`)).toEqual([
    `deleted token ${token.id} ${of}`,
    `created token ${foreign.id} ${other.id} 8`,
    `created token ${token.id} ${of}`,
  ])
  expect(await found(`subject=${token.id}&action=deleted`)).toEqual([`deleted token ${token.id} ${of}`])
  expect(await found(`actor=${one.id}`)).toEqual([`created subscription ${subscription} ${of}`])
  expect(await found(`actor=integrator&integration=${other.id}`)).toEqual([])
  expect(await found('address=10.0.0.1')).toEqual([])
  expect(await raw(`/v1/audit?tenant=${big}`)).toMatch(
    `"id":"${big}","action":"created","integrationId":null,"tenantId":${big}}`,
  )
  const all = JSON.parse(await raw(`/v1/audit?tenant=8`)).items
  const [newest] = all
  expect(await found(`tenant=8&since=${newest.at}`)).toHaveLength(
    all.filter(({ at }: { at: string }) => at === newest.at).length,
  )
  expect(await found(`tenant=8&until=${all.at(-1).at}`)).toEqual([])
  for (const bad of ['tenant=x', 'tenant=8,9', 'action=made', 'since=yesterday']) {
    expect((await call('GET', `/v1/audit?${bad}`)).status, bad).toBe(400)
  }
})

test('it pages, and is there after a restart', async () => {
  const { body: all } = await call('GET', '/v1/audit')
  await server.close()
  server = await start()
  const seen: unknown[] = []
  for (let cursor = ''; ; ) {
    const { body } = await call('GET', `/v1/audit?limit=2${cursor}`)
    seen.push(...body.items)
    if (body.next === null) break
    cursor = `&cursor=${body.next}`
  }
  expect(seen).toEqual(all.items)
  expect((await call('GET', '/v1/audit?cursor=none')).status).toBe(422)
})

test('whoever hangs up before the answer is kept all the same', async () => {
  const body = JSON.stringify({ id: 11, name: 'In a hurry' })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.end(
    `POST /v1/tenants HTTP/1.1\r\nhost: tidings\r\nauthorization: Bearer ${adminKey}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  socket.resume()
  await once(socket, 'close')
  // Changes are made one after the other.
  await call('POST', '/v1/tenants', { id: 12 })
  const { body: page } = await call('GET', '/v1/audit?limit=2')
  const entry = { action: 'created', kind: 'tenant', address: '127.0.0.1' }
  expect(page.items).toMatchObject([
    { ...entry, id: '12' },
    { ...entry, id: '11' },
  ])
})
