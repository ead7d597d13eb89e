import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config.ts'

const adminKey = 'an-operator-key-for-tests'
const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function startWorld() {
  const data = mkdtempSync(join(tmpdir(), 'tidings-deliveries-'))
  endings.push(() => rmSync(data, { recursive: true, force: true }))
  const accepted: string[] = []
  const waiters: (() => void)[] = []
  const state = { status: 500, requests: 0 }
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      state.requests += 1
      if (state.status === 200) accepted.push(String(request.headers['webhook-id']))
      response.writeHead(state.status).end()
      for (const wake of waiters.splice(0)) wake()
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  endings.push(() => receiver.close())
  const flags = { port: '0', data, adminKey, allowNetworks: '127.0.0.0/8', allowHttp: 'true', logLevel: 'silent' }
  const server = await startServer(readConfig({ flags, env: {} }))
  endings.push(() => server.close())
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await response.text() }
  }
  const made = async (path: string, body: unknown) => JSON.parse((await call('POST', path, body)).text)
  await made('/v1/tenants', { id: 1 })
  const integration = await made('/v1/integrations', { name: 'one' })
  await made(`/v1/integrations/${integration.id}/tokens`, { tenantId: 1 })
  const subscription = await made('/v1/subscriptions', {
    integrationId: integration.id,
    endpoint: { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/` },
    types: ['invoice.*', 'customer.*'],
    retry: { delaysSeconds: [] },
  })
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiters.push(resolve))
  }
  /** The undelivered ones, once there are so many: an attempt ends a little after its receiver was asked. */
  const undelivered = async (count: number) => {
    const path = `/v1/deliveries?subscription=${subscription.id}&status=undelivered`
    for (;;) {
      const { items } = JSON.parse((await call('GET', path)).text)
      if (items.length === count) return items as { readonly type: string }[]
    }
  }
  return { call, made, subscription, state, accepted, until, undelivered }
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

it('exports what a subscription missed, and sends it again by filter', async () => {
  const { call, made, subscription, state, accepted, until, undelivered } = await startWorld()
  const events = Array.from({ length: 6 }, (_, index) => ({
    tenantId: 1,
    type: index % 2 === 0 ? 'invoice.updated' : 'customer.updated',
    entityId: String(index),
  }))
  await made('/v1/events', events)
  await until(() => state.requests === 6)
  await undelivered(6)

  const ndjson = { accept: 'application/x-ndjson' }
  const missed = linesOf(
    (await call('GET', `/v1/deliveries?subscription=${subscription.id}&status=undelivered`, undefined, ndjson)).text,
  )
  expect(missed.map(({ entityId }) => entityId).sort()).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(missed.every(({ status, lastAttempt }) => status === 'failed' && lastAttempt.error === 'http_500')).toBe(true)
  const none = await call('GET', `/v1/deliveries?subscription=${subscription.id}&error=http_404`, undefined, ndjson)
  expect(none.text).toBe('')

  state.status = 200
  const filter = { subscription: subscription.id, types: ['invoice.*'], error: 'http_500' }
  expect(linesOf((await call('POST', '/v1/deliveries/resend', filter)).text).at(-1)).toEqual({ resent: 3, done: true })
  await until(() => accepted.length === 3)
  const invoices = missed.filter(({ type }) => type === 'invoice.updated').map(({ id }) => id)
  expect([...accepted].sort()).toEqual(invoices.sort())
  const left = await undelivered(3)
  expect(left.map(({ type }) => type)).toEqual(Array(3).fill('customer.updated'))
})

it('says what is wrong with a filter', async () => {
  const { call, subscription } = await startWorld()
  const refused = async (body: object) =>
    (await call('POST', '/v1/deliveries/resend', { subscription: subscription.id, ...body })).status
  expect(await refused({ types: ['no pattern'] })).toBe(400)
  expect(await refused({ since: 'yesterday' })).toBe(400)
  expect(await refused({ status: 'lost' })).toBe(400)
  expect((await call('POST', '/v1/deliveries/resend', { subscription: 'sub_unknown' })).status).toBe(404)
})
