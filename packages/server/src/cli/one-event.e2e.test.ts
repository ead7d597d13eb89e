import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { dialects } from '../dialects/dialects.ts'
import { adminKey, startCommand, tidings } from './fixtures/cli.ts'

const webhookDialects = dialects.filter(({ webhook }) => webhook !== null).map(({ name }) => name)
const streamDialects = dialects.filter(({ webhook }) => webhook === null).map(({ name }) => name)

/** The server is a process, and whatever is done to it is a command: nothing of this test is inside. */
async function startProcess(): Promise<{ readonly url: string }> {
  const data = await mkdtemp(join(tmpdir(), 'tidings-one-'))
  const server = startCommand(['start', '--port', '0', '--data', data, '--log-level', 'silent'], {
    TIDINGS_ADMIN_KEY: adminKey,
    TIDINGS_ALLOW_NETWORKS: '127.0.0.1',
    TIDINGS_ALLOW_HTTP: 'true',
  })
  onTestFinished(async () => {
    server.kill('SIGTERM')
    expect((await server.done).code).toBe(0)
    await rm(data, { recursive: true, force: true })
  })
  const { stdout } = await server.said('http://')
  return { url: /http:\/\/[\d.]+:\d+/.exec(stdout)![0] }
}

/** Wants whatever it is asked about; tells what each dialect's endpoint got, once all of them got something. */
async function startReceiver(names: readonly string[]) {
  const bodies = new Map<string, string>()
  const all = Promise.withResolvers<ReadonlyMap<string, string>>()
  const receiver = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      response.writeHead(200, { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' }).end()
      // A question whether it wants deliveries is no delivery.
      if (request.method === 'OPTIONS' || text === '{}') return
      bodies.set(request.url!.slice(1), text)
      if (bodies.size === names.length) all.resolve(bodies)
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  onTestFinished(() => {
    receiver.close()
    receiver.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`, all: all.promise }
}

test('one event, published once, reaches a subscription of each dialect; `tidings deliveries` shows all of them', async () => {
  const { url } = await startProcess()
  const receiver = await startReceiver(webhookDialects)
  const operator = { TIDINGS_URL: url, TIDINGS_KEY: adminKey }
  const run = async (args: readonly string[], env: Readonly<Record<string, string>> = operator) => {
    const finished = await tidings([...args, '--json'], { env })
    expect(finished, `${args.join(' ')}: ${finished.stderr}`).toMatchObject({ code: 0 })
    return JSON.parse(finished.stdout)
  }
  await run(['tenants', 'create', '29302', 'Bygg AB'])
  const { id, clientId, clientSecret } = await run(['integrations', 'create', 'Payroll Sync'])
  const { accessToken } = await run(['tokens', 'create', id, '29302'])
  const integrator = { TIDINGS_URL: url, TIDINGS_CLIENT_ID: clientId, TIDINGS_CLIENT_SECRET: clientSecret }
  const dialectOf = new Map<string, string>()
  for (const dialect of webhookDialects) {
    const endpoint = `${receiver.url}/${dialect}`
    const made = await run(
      ['subscriptions', 'create', endpoint, '--dialect', dialect, '--types', 'product.created'],
      integrator,
    )
    expect(made).toMatchObject({ dialect, status: 'active' })
    dialectOf.set(made.id, dialect)
  }
  const streamed = await openStream(url, clientSecret, accessToken)

  const published = await run(['publish', '--type', 'product.created', '--tenant', '29302', '--entity', '3817'])
  expect(published).toBeDefined()
  const bodies = await receiver.all
  for (const dialect of webhookDialects) expect([dialect, bodies.get(dialect)]).toEqual([dialect, expect.any(String)])
  expect(await streamed.next).toMatchObject({ type: 'article-created-v1', tenantId: 29302, entityId: '3817' })

  for (const env of [integrator, operator]) {
    // An attempt is listed once its answer was read.
    let items: { subscription: string; status: string; type: string }[] = []
    while (items.length < webhookDialects.length) items = await run(['deliveries'], env)
    const listed = items.map(({ subscription, status, type }) => [dialectOf.get(subscription), status, type])
    expect(listed.sort()).toEqual(webhookDialects.map((dialect) => [dialect, 'delivered', 'product.created']).sort())
  }
  const table = await tidings(['deliveries'], { env: integrator })
  expect(
    table.stdout.match(/^dlv_\S+ +delivered +sub_\S+ +\d+ +product\.created .* \d{4}-\d\d-\d\dT\S+Z$/gm),
  ).toHaveLength(webhookDialects.length)
})

/** The next event of the one dialect that is a stream. */
async function openStream(url: string, clientSecret: string, accessToken: string): Promise<{ next: Promise<unknown> }> {
  expect(streamDialects).toEqual(['fortnox'])
  const socket = new WebSocket(`${url.replace('http', 'ws')}/topics-v1`)
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  const ready = Promise.withResolvers<void>()
  const event = Promise.withResolvers<unknown>()
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if ('tenantId' in message) event.resolve(message)
    else if (message.result !== 'ok') event.reject(new Error(String(data)))
    else if (message.response === 'subscribe-v1') ready.resolve()
  })
  socket.send(JSON.stringify({ command: 'add-tenants-v1', clientSecret, accessTokens: [accessToken] }))
  socket.send(JSON.stringify({ command: 'add-topics-v1', topics: [{ topic: 'articles' }] }))
  socket.send(JSON.stringify({ command: 'subscribe-v1' }))
  await Promise.race([ready.promise, event.promise])
  return { next: event.promise }
}
