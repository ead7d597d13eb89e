import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startTestServer, tidings } from './fixtures/cli.ts'

let server: Awaited<ReturnType<typeof startTestServer>>
let client: Tidings
let env: Record<string, string>
let receiver: Server
let endpoint: string
/** What the receiver answers, and whom to tell of a request. */
let status = 204
let onRequest = (_id: string) => {}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      response.writeHead(status).end('said the receiver')
      onRequest(String(request.headers['webhook-id']))
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  server = await startTestServer({ allowNetworks: '127.0.0.1', allowHttp: 'true' })
  client = new Tidings({ url: server.url, key: adminKey })
  await client.tenants.create({ id: 1, name: 'One' })
  const { id, clientId, clientSecret } = await client.integrations.create({ name: 'Receiver' })
  await client.integrations.tokens(id).create({ tenantId: 1 })
  env = { TIDINGS_URL: server.url, TIDINGS_CLIENT_ID: clientId, TIDINGS_CLIENT_SECRET: clientSecret }
})
afterAll(async () => {
  await server.close()
  receiver.close()
})

async function json(...args: string[]) {
  const finished = await tidings([...args, '--json'], { env })
  expect(finished, finished.stderr).toMatchObject({ code: 0 })
  return JSON.parse(finished.stdout)
}

function nextRequest(): Promise<string> {
  return new Promise((resolve) => {
    onRequest = resolve
  })
}

async function publish(entityId: string): Promise<string> {
  const request = nextRequest()
  await client.publish({ tenantId: 1, type: 'invoice.updated', entityId })
  return request
}

test('a subscription through its whole life', async () => {
  const made = await json(
    'subscriptions',
    'create',
    endpoint,
    '--types',
    'invoice.*',
    '--header',
    'x-a: b',
    '--retry-delays',
    '3600',
  )
  expect(made).toMatchObject({ status: 'active', dialect: 'standard', signingSecret: expect.stringMatching(/^whsec_/) })
  const { id } = made
  expect(await json('subscriptions', 'list')).toHaveLength(1)
  const table = await tidings(['subscriptions', 'list'], { env })
  expect(table.stdout).toMatch(/^ID +STATUS +DIALECT +INTEGRATION +TENANTS +TYPES +ENDPOINT\n/)
  // Whole in a pipe, with whose it is.
  expect(table.stdout).toMatch(
    new RegExp(`${id} +active +standard +${made.integrationId} +granted +invoice.\\* +${endpoint}\n`),
  )
  expect(await json('subscriptions', 'get', id)).toMatchObject({ id })
  expect(await json('subscriptions', 'update', id, '--description', 'Ours')).toMatchObject({ description: 'Ours' })
  expect((await json('subscriptions', 'rotate-secret', id, '--overlap', '60')).signingSecret).not.toBe(
    made.signingSecret,
  )

  expect(await json('subscriptions', 'test', id, '--type', 'invoice.updated')).toMatchObject({
    status: 204,
    error: null,
  })
  status = 500
  const failed = await tidings(['subscriptions', 'test', id, '--json'], { env })
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({ status: 500, error: 'http_500', body: 'said the receiver' })

  const delivery = await publish('will-fail')
  const [undelivered] = await json('deliveries', 'undelivered', '--subscription', id)
  expect(undelivered).toMatchObject({
    id: delivery,
    status: 'waiting',
    attempts: 1,
    lastAttempt: { error: 'http_500' },
  })
  const rows = await tidings(['deliveries', 'list'], { env })
  expect(rows.stdout).toContain(delivery)
  expect(rows.stdout).not.toContain('…')
  const [title = '', row = ''] = rows.stdout.split('\n')
  expect(title).toMatch(/SUBSCRIPTION +TENANT +TYPE +ENTITY +EVENT/)
  expect(row).toMatch(new RegExp(`${id} +1 +invoice.updated +will-fail +${undelivered.event.id}`))
  expect(await json('deliveries', '--entity', 'will-fail')).toHaveLength(1)
  expect(await json('deliveries', '--event', undelivered.event.id)).toHaveLength(1)
  expect(await json('deliveries', 'undelivered', '--event', undelivered.event.id, '--tenant', '1')).toHaveLength(1)
  expect(await json('deliveries', 'undelivered', '--entity', 'another')).toEqual([])
  expect((await tidings(['deliveries', '--event', 'nobody'], { env })).code).toBe(5)
  const left = await tidings(['deliveries', 'resend', '--subscription', id], { env })
  expect(left.stdout).toContain('0 deliveries queued')
  expect(left.stderr).toContain('1 delivery waits for the next attempt.')
  expect(left.stderr).toContain(`tidings deliveries resend --subscription ${id} --status undelivered`)

  status = 204
  const again = nextRequest()
  const exported = await tidings(['deliveries', 'export', '--subscription', id, '--status', 'undelivered'], { env })
  expect(
    exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual([delivery])
  const filters = ['--subscription', id, '--status', 'undelivered', '--since', '1h']
  expect(await json('deliveries', 'resend', ...filters, '--type', 'customer.*')).toMatchObject({
    status: 'done',
    resent: 0,
  })
  expect(await json('deliveries', 'resend', ...filters, '--type', 'invoice.*')).toMatchObject({
    status: 'done',
    resent: 1,
  })
  expect(await again).toBe(delivery)
  const begun = await json('deliveries', 'resend', ...filters, '--type', 'customer.*', '--no-wait')
  expect(begun).toMatchObject({ id: expect.stringMatching(/^rsd_/), status: 'running' })
  expect((await tidings(['resends', begun.id], { env })).stdout).toContain('customer.*')
  expect(await json('resends', begun.id, '--cancel')).toMatchObject({ id: begun.id, resent: 0 })
  expect((await tidings(['resends'], { env })).stdout).toMatch(new RegExp(`${begun.id} +${id} +\\w+ `))
  expect(await json('deliveries', 'list', '--subscription', id, '--type', 'customer.*')).toEqual([])
  expect(await json('deliveries', '--subscription', id, '--type', 'invoice.*', '--tenant', '1')).toHaveLength(1)
  const missed = () => Array.fromAsync(client.deliveries.list({ subscription: id, status: 'undelivered' }))
  await expect.poll(missed, { timeout: 60_000 }).toEqual([])
  expect(await json('deliveries', 'undelivered', '--subscription', id)).toEqual([])
  expect(await json('deliveries', 'attempts', delivery)).toHaveLength(2)
  expect((await tidings(['deliveries', 'resend', delivery], { env })).stdout).toContain('1 delivery queued')

  expect(await json('subscriptions', 'disable', id)).toMatchObject({ status: 'disabled', disabledReason: 'by_request' })
  expect(await json('subscriptions', 'enable', id, '--from', 'now')).toMatchObject({ status: 'active' })
  expect(await json('subscriptions', 'stats', id)).toMatchObject({ behind: 0 })
  expect(await json('subscriptions', 'delete', id)).toEqual({ deleted: id })
})

test('a replay sends again and waits until it has caught up', async () => {
  const { id } = await json('subscriptions', 'create', endpoint, '--types', 'invoice.*')
  await publish('one')
  await publish('two')
  const seen: string[] = []
  onRequest = (delivery) => seen.push(delivery)
  const finished = await tidings(['replay', id, '--to', 'earliest', '--json'], { env })
  expect(finished.code, finished.stderr).toBe(0)
  expect(JSON.parse(finished.stdout)).toMatchObject({ left: 0 })
  expect(seen.length).toBeGreaterThanOrEqual(2)
  expect(await json('replay', id, '--to', '1h', '--no-wait')).toHaveProperty('behind')
})

test('a catch-up is shown, paused, resumed and cancelled; what was missed is told', async () => {
  const events = Array.from({ length: 200 }, (_, index) => ({
    tenantId: 1,
    type: 'product.updated',
    entityId: `${index}`,
  }))
  await client.publish(events)
  const flags = ['--types', 'product.*', '--start', 'earliest', '--rate', '1']
  const { id } = await json('subscriptions', 'create', endpoint, ...flags)
  expect(await json('subscriptions', 'catch-up', id, '--pause')).toMatchObject({ state: 'paused', reason: 'start' })
  expect(await json('subscriptions', 'catch-up', id, '--resume')).toMatchObject({ state: 'running' })
  const shown = await tidings(['subscriptions', 'catch-up', id], { env })
  expect(shown.stdout).toContain('running')
  expect(await json('subscriptions', 'catch-up', id, '--cancel')).toBeNull()
  const missed = await json('subscriptions', 'missed', id)
  expect(missed.skipped).toMatchObject([{ reason: 'catch_up_cancelled', isExact: true }])
  expect(missed.skipped[0].events).toBeGreaterThan(190)
  const table = await tidings(['subscriptions', 'missed', id], { env })
  expect(table.stdout).toMatch(new RegExp(`${id} +catch_up_cancelled +${missed.skipped[0].at} `))
  expect(table.stderr).toContain(`tidings replay ${id} --to ${missed.skipped[0].rewind.to.time}`)
  await json('subscriptions', 'disable', id)
  expect((await tidings(['subscriptions', 'catch-up', id, '--pause'], { env })).stderr).toContain(
    'subscription_disabled',
  )
  await json('subscriptions', 'delete', id)
})

test.each([
  ['subscriptions', 'catch-up', 'sub_1', '--pause', '--cancel'],
  ['subscriptions', 'create', 'https://example.com/hook'],
  ['subscriptions', 'create', 'https://example.com/hook', '--types', '*', '--header', 'nonsense'],
  ['replay', 'sub_1'],
  ['replay', 'sub_1', '--to', 'yesterday'],
  ['deliveries', 'resend'],
  ['deliveries', 'resend', 'dlv_1', '--no-wait'],
  ['deliveries', 'resend', 'dlv_1', '--since', '2h'],
  ['deliveries', 'resend', 'dlv_1', '--subscription', 'sub_1'],
  ['resends', '--cancel'],
])('%s %s %s: wrong use', async (...args) => {
  expect((await tidings(args, { env })).code).toBe(2)
})

test('a replay, the statistics and what was missed tell the operator what a grant that ended kept back', async () => {
  const { id: integration, clientId, clientSecret } = await client.integrations.create({ name: 'Left' })
  const token = await client.integrations.tokens(integration).create({ tenantId: 1 })
  const own = { TIDINGS_URL: server.url, TIDINGS_CLIENT_ID: clientId, TIDINGS_CLIENT_SECRET: clientSecret }
  const run = (...args: string[]) => tidings(args, { env: own })
  const made = await run('subscriptions', 'create', endpoint, '--types', 'order.*', '--json')
  const { id } = JSON.parse(made.stdout)
  await client.integrations.tokens(integration).delete(token.id)
  const stats = await run('subscriptions', 'stats', id)
  expect(stats.stdout).toMatch(/^hasGrant +false$/m)
  expect(stats.stderr).toContain('No tenant grants this subscription anything')
  await client.publish([1, 2, 3].map((entityId) => ({ tenantId: 1, type: 'order.created', entityId: `${entityId}` })))
  await expect.poll(async () => (await client.subscriptions.stats(id)).behind, { timeout: 60_000 }).toBe(0)
  const mending = `tidings tokens create ${integration} 1.`
  // The integration is told nothing of a tenant that took its grant back.
  const withheld = await run('subscriptions', 'missed', id)
  expect(withheld.stderr).not.toContain('were not sent')
  const ask = (...args: string[]) => tidings(args, { env: { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey } })
  const missed = await ask('subscriptions', 'missed', id)
  expect(missed.stderr).toMatch(
    /^3 events were not sent, and do not count as missed, because no grant .* tenant 1 \(ended 20/,
  )
  expect(missed.stderr).toContain(mending)
  const replayed = await ask('replay', id, '--to', 'earliest')
  expect(replayed.stdout).toMatch(/^Caught up: .*, of which 3 were not sent: no grant stands\.$/m)
  expect(replayed.stderr).toContain(mending)
  const after = await ask('subscriptions', 'stats', id)
  expect(after.stdout).toMatch(/^notGranted +3$/m)
  await client.subscriptions.delete(id)
})
