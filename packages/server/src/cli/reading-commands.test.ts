import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rawJson, Tidings, toJson, verifyWebhook } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startCommand, startTestServer, tidings } from './fixtures/cli.ts'

let server: Awaited<ReturnType<typeof startTestServer>>
let client: Tidings
let env: Record<string, string>
let integration: Record<string, string>

beforeAll(async () => {
  server = await startTestServer()
  client = new Tidings({ url: server.url, key: adminKey })
  env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  for (const id of [1, 2]) await client.tenants.create({ id, name: `Tenant ${id}` })
  const { id, clientId, clientSecret } = await client.integrations.create({ name: 'Reader' })
  await client.integrations.tokens(id).create({ tenantId: 1 })
  integration = { TIDINGS_URL: server.url, TIDINGS_CLIENT_ID: clientId, TIDINGS_CLIENT_SECRET: clientSecret }
})
afterAll(() => server.close())

const change = (tenantId: number, type: string, entityId: string) => ({ tenantId, type, entityId })

test('tail shows live events that pass its filters, and ends after so many', async () => {
  const args = ['tail', '--type', 'invoice.*', '--tenant', '1', '--events', '2', '--json']
  const command = startCommand(args, env)
  await command.said('Connected')
  await client.publish([
    change(1, 'customer.updated', 'no'),
    change(2, 'invoice.updated', 'no'),
    { ...change(1, 'invoice.updated', 'a'), data: { total: 9_007_199_254_740_993n } },
    change(1, 'invoice.created', 'b'),
  ])
  const finished = await command.done
  expect(finished.code, finished.stderr).toBe(0)
  const lines = finished.stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).entityId)).toEqual(['a', 'b'])
  expect(lines[0]).toContain('9007199254740993')
})

test('tail begins in the past, for people, without colours in a pipe, and Ctrl-C is its regular end', async () => {
  await client.publish(change(2, 'order.created', 'in-the-past'))
  const command = startCommand(['tail', '--since', '1h', '--topic', 'orders'], env)
  await command.said('in-the-past')
  command.kill('SIGINT')
  const finished = await command.done
  expect(finished.code, finished.stderr).toBe(0)
  expect(finished.stdout).not.toContain('\u001b')
  expect(finished.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z +2 +order\.created +in-the-past +\S+\n$/)
})

test('tail keeps every digit of data for people too, and names an entity by its keys', async () => {
  const data = rawJson('{"total":12345678901234567.890}')
  await client.publish(rawJson(toJson({ tenantId: 2, type: 'supplier.created', keys: [{ SupplierNo: 7 }], data })))
  const args = ['tail', '--since', '1h', '--topic', 'suppliers', '--events', '1', '--data']
  const { stdout, stderr } = await tidings(args, { env })
  expect(stdout, stderr).toContain('[{"SupplierNo":7}]')
  expect(stdout).toContain('  {"total":12345678901234567.890}\n')
})

test('colours can be asked for, and refused', async () => {
  const args = ['tail', '--since', '1h', '--topic', 'orders', '--events', '1']
  const coloured = await tidings(args, { env: { ...env, FORCE_COLOR: '1' } })
  expect(coloured.stdout).toContain('\u001b[32mcreated')
  const plain = await tidings([...args, '--no-color'], { env: { ...env, FORCE_COLOR: '1' } })
  expect(plain.stdout).not.toContain('\u001b')
})

test('an integration sees only what it was granted', async () => {
  const command = startCommand(['tail', '--events', '1', '--json'], integration)
  await command.said('Connected')
  await client.publish([change(2, 'invoice.updated', 'foreign'), change(1, 'invoice.updated', 'own')])
  expect(JSON.parse((await command.done).stdout)).toMatchObject({ tenantId: 1, entityId: 'own' })
})

test('tail goes on after the server was restarted, with nothing lost and nothing twice', async () => {
  const data = await mkdtemp(join(tmpdir(), 'tidings-restart-'))
  const first = await startTestServer({ data })
  const { port } = new URL(first.url)
  const publisher = new Tidings({ url: first.url, key: adminKey })
  const command = startCommand(['tail', '--events', '3', '--json', '--url', first.url], env)
  await command.said('Connected')
  await publisher.publish(change(1, 'invoice.updated', 'before'))
  await command.said('"before"')
  await first.close()
  await command.said('The connection broke')
  const second = await startTestServer({ data, port })
  await publisher.publish([change(1, 'invoice.updated', 'after'), change(1, 'invoice.updated', 'last')])
  const finished = await command.done
  await second.close()
  await rm(data, { recursive: true })
  expect(finished.code, finished.stderr).toBe(0)
  const seen = finished.stdout.trim().split('\n')
  expect(seen.map((line) => JSON.parse(line).entityId)).toEqual(['before', 'after', 'last'])
})

test('listen forwards signed webhooks to a local program and says what it answered', async () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = []
  const program = createServer(async (request, response) => {
    const body = (await Array.fromAsync(request as AsyncIterable<Buffer>)).join('')
    received.push({ headers: request.headers, body })
    response.writeHead(received.length === 1 ? 500 : 204).end()
  }).listen(0, '127.0.0.1')
  await once(program, 'listening')
  const url = `http://127.0.0.1:${(program.address() as AddressInfo).port}/hook`

  const command = startCommand(
    ['listen', '--forward-to', url, '--events', '2', '--type', 'invoice.*', '--json'],
    integration,
  )
  const { stderr } = await command.said('Connected')
  const secret = /whsec_\S+/.exec(stderr)![0]
  await client.publish([
    { ...change(1, 'invoice.updated', 'x'), data: { total: 12_345_678_901_234_567_890n } },
    change(1, 'invoice.updated', 'y'),
  ])
  const finished = await command.done
  program.close()
  expect(finished.code, finished.stderr).toBe(0)
  expect(
    finished.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { status: 500, error: 'http_500', sequence: 1 },
    { status: 204, error: null, sequence: 2 },
  ])
  const [first, second] = await Promise.all(received.map((each) => verifyWebhook({ ...each, secrets: secret })))
  expect(first!.events[0]).toMatchObject({ entityId: 'x', sequence: 1 })
  expect(first!.events[0]!.raw).toContain('12345678901234567890')
  expect(first!.deliveryId).not.toBe(second!.deliveryId)
})

test('listen needs a place to forward to', async () => {
  expect(await tidings(['listen'], { env })).toMatchObject({ code: 2 })
  expect(await tidings(['listen', '--forward-to', 'localhost:3000'], { env })).toMatchObject({ code: 2 })
})
