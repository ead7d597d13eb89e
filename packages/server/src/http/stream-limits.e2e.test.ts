import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { adminKey, grantedTenant, type LiveServer, startLiveServer } from '../dialects/fixtures/live.ts'

/** Opens a stream of server-sent events: its status, and its end. */
async function openEvents({ url }: LiveServer, token: string) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetch(`${url}/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
    signal: controller.signal,
  })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), end: () => controller.abort() }
}

/** Opens a WebSocket: 101 or the status of its refusal. */
async function openSocket({ url }: LiveServer) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/topics-v1`)
  onTestFinished(() => socket.terminate())
  const status = await new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  return { status, socket, closed }
}

const eventually = (status: () => Promise<number>, expected: number) =>
  expect.poll(status, { timeout: 20_000 }).toBe(expected)

test('the limit of an address holds for WebSockets and server-sent events together', async () => {
  const server = await startLiveServer({ flags: { streamsPerAddress: '2' } })
  const { socket, status } = await openSocket(server)
  const events = await openEvents(server, adminKey)
  expect([status, events.status]).toEqual([101, 200])
  expect(await openEvents(server, adminKey)).toMatchObject({ status: 429, retryAfter: '30' })
  expect((await openSocket(server)).status).toBe(429)

  socket.close()
  await eventually(async () => (await openEvents(server, adminKey)).status, 200)
  expect((await openSocket(server)).status).toBe(429)
  events.end()
  await eventually(async () => (await openSocket(server)).status, 101)
})

test('the limit of an integration holds for both together', async () => {
  const server = await startLiveServer({ flags: { streamsPerIntegration: '2' } })
  await server.operate('POST', '/v1/tenants', { id: 1 })
  const made = await server.operate('POST', '/v1/integrations', { name: 'One' })
  const granted = await server.operate('POST', `/v1/integrations/${made.id}/tokens`, { tenantId: 1 })
  const addTenants = JSON.stringify({
    command: 'add-tenants-v1',
    clientSecret: made.clientSecret,
    accessTokens: [`Bearer ${granted.accessToken}`],
  })
  const joined = async () => {
    const { socket, closed } = await openSocket(server)
    const answered = new Promise<string>((resolve) => socket.on('message', (data) => resolve(String(data))))
    socket.send(addTenants)
    return Promise.race([answered.then((text) => JSON.parse(text).result), closed])
  }
  expect(await joined()).toBe('ok')
  const events = await openEvents(server, granted.accessToken)
  expect(events.status).toBe(200)
  expect((await openEvents(server, granted.accessToken)).status).toBe(429)
  expect(await joined()).toBe(1013)
  const other = await grantedTenant(server, { tenantId: 2 })
  expect((await openEvents(server, other.token)).status).toBe(200)
  events.end()
  await eventually(async () => (await openEvents(server, granted.accessToken)).status, 200)
})
