import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'

const adminKey = 'operator-of-the-streams-test'
const data = mkdtempSync(join(tmpdir(), 'tidings-streams-'))
const operator = `Bearer ${adminKey}`
let server: RunningServer

interface Integration {
  readonly id: string
  readonly clientSecret: string
  readonly basic: string
  readonly accessToken: string
}
const integrations: Integration[] = []

beforeAll(async () => {
  server = await startServer(readConfig({ flags: { port: '0', data, adminKey, logLevel: 'silent' }, env: {} }))
  for (const tenantId of [1, 2]) {
    await call('POST', '/v1/tenants', operator, { id: tenantId })
    const { json: made } = await call('POST', '/v1/integrations', operator, { name: `of ${tenantId}` })
    const { json: token } = await call('POST', `/v1/integrations/${made.id}/tokens`, operator, { tenantId })
    const basic = `Basic ${Buffer.from(`${made.clientId}:${made.clientSecret}`).toString('base64')}`
    integrations.push({ ...made, basic, accessToken: token.accessToken })
  }
})
afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

async function call(method: string, path: string, authorization: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? null : JSON.parse(text) }
}
const streamsOf = async (authorization: string) => (await call('GET', '/v1/streams', authorization)).json.items

async function openTopics({ clientSecret, accessToken }: Integration): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/topics-v1`)
  await once(socket, 'open')
  const commands = [
    { command: 'add-tenants-v1', clientSecret, accessTokens: [accessToken] },
    { command: 'add-topics-v1', topics: [{ topic: 'invoices' }] },
    { command: 'subscribe-v1' },
  ]
  for (const command of commands) {
    const answered = once(socket, 'message')
    socket.send(JSON.stringify(command))
    await answered
  }
  return socket
}

/** Ends with the rest of what came when the server ends it. */
async function openEvents(authorization: string) {
  const response = await fetch(`${server.url}/v1/stream?topics=invoices`, { headers: { authorization } })
  expect(response.status).toBe(200)
  return response
}

test('who is connected is seen by the operator; an integration sees its own, and no token or publisher any', async () => {
  const [one, two] = integrations as [Integration, Integration]
  const socket = await openTopics(one)
  const events = await openEvents(two.basic)
  await call('POST', '/v1/events', operator, { tenantId: 1, type: 'invoice.updated', entityId: '1' })

  const all = await streamsOf(operator)
  const resumeToken = expect.any(String)
  const common = { id: expect.stringMatching(/^str_/), address: '127.0.0.1', connectedAt: expect.any(String) }
  expect(all).toEqual([
    {
      ...{ ...common, transport: 'websocket', dialect: 'fortnox', integrationIds: [one.id], topics: ['invoices'] },
      ...{ tenants: 1, tenantIds: [1], behind: expect.any(Number), bufferedBytes: expect.any(Number), resumeToken },
    },
    {
      ...{ ...common, transport: 'sse', dialect: 'standard', integrationIds: [two.id], topics: ['invoices'] },
      ...{ tenants: null, tenantIds: [], behind: expect.any(Number), bufferedBytes: expect.any(Number), resumeToken },
    },
  ])
  expect(await streamsOf(one.basic)).toMatchObject([{ transport: 'websocket' }])
  expect(await streamsOf(two.basic)).toMatchObject([{ transport: 'sse' }])
  expect(await streamsOf(`Bearer ${one.accessToken}`)).toEqual([])
  const foreign = await call('DELETE', `/v1/streams/${all[0].id}`, two.basic)
  expect([foreign.status, foreign.json.code]).toEqual([404, 'not_found'])

  // They have read all before long.
  await expect
    .poll(async () => (await streamsOf(operator)).map(({ behind }: { behind: number }) => behind))
    .toEqual([0, 0])
  // Whoever goes on there gets nothing again.
  const [{ resumeToken: readAll }] = await streamsOf(operator)
  await call('POST', '/v1/events', operator, { tenantId: 2, type: 'invoice.updated', entityId: '2' })
  const headers = { authorization: two.basic, 'last-event-id': readAll }
  const resumed = await fetch(`${server.url}/v1/stream?topics=invoices`, { headers })
  const reader = resumed.body!.pipeThrough(new TextDecoderStream()).getReader()
  let read = ''
  while (!read.includes('"entityId"')) read += (await reader.read()).value
  expect(read).toContain('"entityId":"2"')
  await reader.cancel()

  const closed = once(socket, 'close')
  expect((await call('DELETE', `/v1/streams/${all[0].id}`, operator)).status).toBe(204)
  expect((await closed)[0]).toBe(1012)
  const ended = events.text()
  expect((await call('DELETE', `/v1/streams/${all[1].id}`, two.basic)).status).toBe(204)
  expect(await ended).toContain(': tidings')
  await expect.poll(() => streamsOf(operator)).toEqual([])
  expect((await call('DELETE', `/v1/streams/${all[1].id}`, operator)).status).toBe(404)
})

test('the only node says who it is', async () => {
  const { json } = await call('GET', '/v1/nodes', operator)
  const { port } = new URL(server.url)
  expect(json.items).toEqual([
    {
      ...{ id: `${hostname()}:${port}`, url: server.url, version: expect.any(String), since: expect.any(String) },
      ...{ shares: 128, behind: expect.any(Number), status: 'ready' },
    },
  ])
  expect((await call('GET', '/v1/nodes', integrations[0]!.basic)).status).toBe(403)
})
