import { once } from 'node:events'
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { type Clock, systemClock } from '../core/time/clock.ts'
import { MovableClock } from '../core/time/movable-clock.ts'
import { adminKey, closedUrl, startTestServer, tidings } from './fixtures/cli.ts'

const dayMs = 86_400_000
const env = { TIDINGS_ADMIN_KEY: adminKey }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-doctor-'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly why?: string
  readonly advice?: string
}

/** Doctor's findings. Each one that is not `ok` has its `why` and its `advice`. */
async function findings(
  where: { readonly data: string; readonly url?: string },
  environment: Readonly<Record<string, string>> = env,
): Promise<{ readonly code: number | null; readonly of: (name: string) => Finding | undefined }> {
  const { data, url = await closedUrl() } = where
  const finished = await tidings(['doctor', '--data', data, '--url', url, '--json'], { env: environment })
  const { ok, checks } = JSON.parse(finished.stdout) as { ok: boolean; checks: Finding[] }
  for (const { status, why, advice, detail } of checks) {
    expect([why !== undefined, advice !== undefined], detail).toEqual([status !== 'ok', status !== 'ok'])
  }
  expect(ok).toBe(checks.every(({ status }) => status !== 'fail'))
  expect(finished.code).toBe(ok ? 0 : 1)
  const worst = (name: string) =>
    ['fail', 'warn', 'ok'].flatMap((status) => checks.filter((each) => each.name === name && each.status === status))[0]
  return { code: finished.code, of: worst }
}

/** A store that a server has made and left. */
async function leftStore(): Promise<string> {
  const data = await mkdtemp(join(directory, 'store-'))
  const config = readConfig({ flags: { data, port: '0', adminKey, logLevel: 'silent' }, env: {}, file: devNull })
  await (await startServer(config)).close()
  return data
}

async function listening(listener: RequestListener): Promise<{ readonly url: string; readonly port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port }
}

/** A server with one integration, whose endpoints may be here. */
async function startWorld(data: string, clock: Clock, flags: Readonly<Record<string, string>> = {}) {
  const given = { data, port: '0', adminKey, logLevel: 'silent', allowNetworks: '127.0.0.0/8', allowHttp: 'true' }
  const server = await startServer(readConfig({ flags: { ...given, ...flags }, env: {}, file: devNull }), { clock })
  const operator = new Tidings({ url: server.url, key: adminKey })
  return { ...server, operator }
}

async function subscribe({ url, operator }: Awaited<ReturnType<typeof startWorld>>, hook: string) {
  await operator.tenants.create({ id: 1, name: 'One' })
  const { id } = await operator.integrations.create({ name: 'Sync' })
  const { accessToken } = await operator.integrations.tokens(id).create({ tenantId: 1 })
  const integrator = new Tidings({ url, key: accessToken })
  const options = { types: ['invoice.*'], concurrency: 1, retry: { delaysSeconds: [30, 30, 30, 30] } }
  const subscription = await integrator.subscriptions.create({ endpoint: { url: hook }, ...options })
  return { integrator, id: subscription.id }
}

test('of a healthy server there is nothing to say, and doctor says so', async () => {
  const server = await startTestServer()
  const args = ['doctor', '--data', server.data, '--url', server.url]
  const { code, stdout } = await tidings(args, { env })
  await server.close()
  expect(code).toBe(0)
  expect(stdout).toContain('\nNothing is wrong.')
  expect(stdout).not.toMatch(/why:|do: /)
  expect(stdout).toMatch(/ok {4}subscriptions .*all 0 are active/)
})

test('a stopped server with its data is told how to be started', async () => {
  const { code, of } = await findings({ data: await leftStore() })
  expect(code).toBe(0)
  expect(of('store')).toMatchObject({ status: 'ok' })
  expect(of('server')).toMatchObject({ status: 'warn', advice: expect.stringContaining('tidings start') })
})

test('a server that hangs, one that is not Tidings, and one elsewhere', async () => {
  const data = await leftStore()
  const sockets = new Set<Socket>()
  const silent = createTcpServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const hanging = await findings({ data, url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` })
  expect(hanging.of('server')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('does not answer within 3 s'),
  })

  const other = await listening((_request, response) => response.end('<h1>It works!</h1>'))
  expect((await findings({ data, url: other.url })).of('server')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('is not Tidings'),
    advice: expect.stringContaining('ss -ltnp'),
  })

  const server = await startTestServer()
  const elsewhere = await findings({ data: server.data })
  await server.close()
  expect(elsewhere.of('server')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('though a server uses the store'),
    advice: expect.stringContaining('--url'),
  })
})

test("a server's clock that is ten minutes ahead", async () => {
  const readiness = JSON.stringify({ status: 'ready', checks: {} })
  const { url } = await listening((_request, response) => {
    response.setHeader('date', new Date(Date.now() + 600_000).toUTCString())
    response.end(readiness)
  })
  const { of } = await findings({ data: join(directory, 'none'), url }, {})
  expect(of('clock')).toMatchObject({
    status: 'warn',
    detail: expect.stringMatching(/(599|600|601) s ahead/),
    why: expect.stringContaining('five minutes'),
    advice: expect.stringContaining('timedatectl'),
  })
})

test('a server that is not ready', async () => {
  const { url } = await listening((_request, response) => {
    response.statusCode = 503
    response.end(JSON.stringify({ status: 'not ready', checks: { running: true, store: false } }))
  })
  const { of } = await findings({ data: join(directory, 'none'), url })
  expect(of('server')).toMatchObject({ status: 'fail', detail: expect.stringContaining('503, not ready: store') })
})

test('a key that is not the operator’s, and none', async () => {
  const server = await startTestServer()
  const where = { data: server.data, url: server.url }
  const wrong = await findings(where, { TIDINGS_ADMIN_KEY: 'another-key-of-somebody' })
  const none = await findings(where, {})
  await server.close()
  expect(wrong.of("operator's key")).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining('TIDINGS_ADMIN_KEY'),
  })
  expect(none.of('subscriptions')).toMatchObject({ status: 'ok', detail: expect.stringContaining('not asked about') })
  expect(none.code).toBe(0)
})

test('a subscription that no tenant grants anything any more', async () => {
  const data = await mkdtemp(join(directory, 'store-'))
  const world = await startWorld(data, systemClock)
  onTestFinished(() => world.close())
  const { operator } = world
  const { id } = await subscribe(world, 'http://127.0.0.1:9/hook')
  const where = { data, url: world.url }
  const healthy = await findings(where)
  expect(healthy.of('grants')).toBeUndefined()
  for await (const integration of operator.integrations.list()) {
    const tokens = operator.integrations.tokens(integration.id)
    for await (const token of tokens.list()) await tokens.delete(token.id)
    await operator.publish([{ tenantId: 1, type: 'invoice.updated', entityId: '1' }])
    while ((await operator.subscriptions.stats(id)).behind !== 0);
    expect((await findings(where)).of('grants')).toMatchObject({
      status: 'warn',
      detail: `1 of 1 subscriptions have no tenant that grants them anything; 1 events were not sent to them: ${id}`,
      why: expect.stringContaining('nothing as missed'),
      advice: expect.stringContaining(`tidings tokens create ${integration.id} <tenant>`),
    })
    await tokens.create({ tenantId: 1 })
  }
  // What was not sent is still told of, as what it is.
  expect((await findings(where)).of('grants')).toMatchObject({
    status: 'ok',
    detail: expect.stringMatching(
      new RegExp(`^${id}: 1 events were not sent, because no grant stands or stood for tenant 1\\.`),
    ),
  })
})

test('events of tenants that nobody has created', async () => {
  const server = await startTestServer()
  const operator = new Tidings({ url: server.url, key: adminKey })
  const where = { data: server.data, url: server.url }
  await operator.publish([{ tenantId: 77, type: 'invoice.updated', entityId: '1' }])
  const unknown = await findings(where)
  await operator.tenants.create({ id: 77, name: 'Late' })
  const known = await findings(where)
  await server.close()
  expect(unknown.of('tenants')).toMatchObject({
    status: 'warn',
    detail: 'tenants that do not exist: 77 (events that came for them: 1)',
    advice: expect.stringContaining('tidings tenants create 77'),
  })
  expect(known.of('tenants')).toMatchObject({ status: 'ok' })
})

test('a directory that others may read, files that are not its owner’s, a key that others may read', async () => {
  const data = await leftStore()
  await chmod(data, 0o755)
  const open = await findings({ data })
  expect(open.of('data directory')).toMatchObject({ status: 'warn', advice: `Close it: chmod 700 ${data}` })
  await chmod(data, 0o700)

  await chmod(join(data, 'master.key'), 0o644)
  const readable = await findings({ data })
  // The server does not start with it.
  expect(readable.of('master key')).toMatchObject({
    status: 'fail',
    advice: `Close it: chmod 600 ${join(data, 'master.key')}`,
  })
  await chmod(join(data, 'master.key'), 0o600)

  // Root may read and write everything, but can give a file away; anybody else can close one to itself.
  const file = join(data, 'log.db')
  const isRoot = process.getuid?.() === 0
  await (isRoot ? chown(file, 65_534, 65_534) : chmod(file, 0o400))
  expect((await findings({ data })).of('data directory')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('log.db'),
    advice: expect.stringMatching(isRoot ? /chown -R --reference/ : /chmod u\+rw/),
  })
})

test('a place where no directory can be made, and one that is a file', async () => {
  const file = join(directory, 'a-file')
  await writeFile(file, '')
  expect((await findings({ data: file })).of('data directory')).toMatchObject({ status: 'fail' })
})

test('a master key that is missing, broken, or of another store', async () => {
  const data = await mkdtemp(join(directory, 'store-'))
  const world = await startWorld(data, systemClock)
  await subscribe(world, 'http://127.0.0.1:9/hook')
  await world.close()
  const file = join(data, 'master.key')
  const own = await readFile(file, 'utf8')
  expect((await findings({ data })).of('master key')).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('all 1 subscriptions'),
  })
  await writeFile(file, Buffer.alloc(32, 7).toString('base64'))
  expect((await findings({ data })).of('master key')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('does not open the secrets of 1 of 1'),
  })
  const given = await findings({ data }, { TIDINGS_MASTER_KEY: own.trim() })
  expect(given.of('master key')).toMatchObject({ status: 'ok' })
  await writeFile(file, 'nonsense')
  expect((await findings({ data })).of('master key')).toMatchObject({ status: 'fail' })
  await rm(file)
  expect((await findings({ data })).of('master key')).toMatchObject({
    status: 'fail',
    why: expect.stringContaining('does not start without it'),
    advice: expect.stringContaining('install -m 600'),
  })
})

test('a restore that did not come to its end', async () => {
  const data = await leftStore()
  await mkdir(join(data, 'restoring'))
  await copyFile(join(data, 'log.db'), join(data, 'restoring', 'log.db'))
  expect((await findings({ data })).of('store')).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining(`tidings restore <backup> --data ${data}`),
  })
})

test('a subscription that fails, one that is paused, and one that is disabled', async () => {
  const clock = new MovableClock()
  const refusals: (() => void)[] = []
  const { url: hook } = await listening((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(500).end()
      for (const wake of refusals.splice(0)) wake()
    })
  })
  const data = await mkdtemp(join(directory, 'store-'))
  const world = await startWorld(data, clock)
  onTestFinished(() => world.close())
  const { integrator, id } = await subscribe(world, hook)
  const refused = new Promise<void>((resolve) => refusals.push(resolve))
  await world.operator.publish([{ tenantId: 1, type: 'invoice.updated', entityId: '1' }])
  await refused
  // A minute of failures is needed before it is noted.
  while (typeof (await integrator.subscriptions.get(id)).failingSince !== 'string') await clock.advance(31_000)
  const where = { data, url: world.url }
  expect((await findings(where)).of('failing')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining(id),
    advice: expect.stringContaining(`tidings deliveries undelivered --subscription ${id}`),
  })

  await integrator.subscriptions.pauseCatchUp(id)
  expect((await findings(where)).of('paused')).toMatchObject({
    status: 'warn',
    advice: `Resume it: tidings subscriptions catch-up ${id} --resume`,
  })

  await integrator.subscriptions.disable(id)
  expect((await findings(where)).of('disabled')).toMatchObject({
    status: 'warn',
    advice: expect.stringContaining(`tidings subscriptions enable ${id}`),
  })
})

test('retries that wait long past their time, of a subscription that does not fail', async () => {
  const clock = new MovableClock()
  const held: ServerResponse[] = []
  let isHolding = false
  let look = () => {}
  let refused = 0
  const { url: hook } = await listening((request, response) => {
    request.resume().on('end', () => {
      if (isHolding) held.push(response)
      else {
        refused += 1
        response.writeHead(500).end()
      }
      look()
    })
  })
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      look = () => {
        if (isSo()) resolve()
      }
      look()
    })
  const data = await mkdtemp(join(directory, 'store-'))
  const world = await startWorld(data, clock)
  onTestFinished(() => world.close())
  const { integrator, id } = await subscribe(world, hook)
  const events = ['1', '2', '3'].map((entityId) => ({ tenantId: 1, type: 'invoice.updated', entityId }))
  await world.operator.publish(events)
  await until(() => refused === events.length)
  while ((await integrator.subscriptions.stats(id)).waiting !== events.length);
  isHolding = true
  clock.jump(3_600_000)
  // One of them is under way and gets no answer; at most one may be.
  await until(() => held.length === 1)
  const { of } = await findings({ data, url: world.url })
  isHolding = false
  for (const response of held) response.end()
  expect(of('deliveries')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('60 minutes past its time'),
    advice: expect.stringContaining('tidings deliveries list --status waiting'),
  })
})

test('what retention is about to pass, of a subscription that has not had it', async () => {
  const data = await mkdtemp(join(directory, 'store-'))
  const before: Clock = { now: () => Date.now() - 13 * dayMs, schedule: systemClock.schedule }
  const then = await startWorld(data, before)
  const { integrator, id } = await subscribe(then, 'http://127.0.0.1:9/hook')
  await integrator.subscriptions.disable(id)
  await then.operator.publish([{ tenantId: 1, type: 'invoice.updated', entityId: '1' }])
  await then.close()

  const now = await startWorld(data, systemClock)
  const passed = await findings({ data, url: now.url })
  await now.close()
  expect(passed.of('lagging')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining(new Date(Date.now() + dayMs).toISOString().slice(0, 10)),
    why: expect.stringContaining('never reaches them'),
    advice: expect.stringContaining('--retention 30d'),
  })
  expect(passed.of('lagging')!.detail).toContain(id)

  const longer = await startWorld(data, systemClock, { retention: '30d' })
  const kept = await findings({ data, url: longer.url })
  await longer.close()
  expect(kept.of('lagging')).toBeUndefined()
})

test('a subscription that has been catching up for long', async () => {
  const data = await mkdtemp(join(directory, 'store-'))
  // Its receiver answers to nothing, and more is to be read than waits in memory: it stays behind.
  const held: ServerResponse[] = []
  let arrived = () => {}
  const { url: hook } = await listening((request, response) => {
    held.push(response)
    request.resume()
    arrived()
  })
  const before: Clock = { now: () => Date.now() - 2 * 3_600_000, schedule: systemClock.schedule }
  const world = await startWorld(data, before)
  onTestFinished(() => world.close())
  const { integrator, id } = await subscribe(world, hook)
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const events = Array.from({ length: 500 }, (_, index) => ({
    ...{ tenantId: 1, type: 'invoice.updated', entityId: String(index) },
  }))
  await world.operator.publish(events)
  await arrival
  await integrator.subscriptions.rewind(id, { time: new Date(0).toISOString() })
  const { of } = await findings({ data, url: world.url })
  for (const response of held) response.end()
  expect(of('behind')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining(id),
    advice: expect.stringContaining(`tidings subscriptions stats ${id}`),
  })
})
