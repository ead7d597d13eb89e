import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, closedUrl, startCommand, startTestServer, tidings } from './fixtures/cli.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-server-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('start says where it is and its key once, and drains on SIGTERM', async () => {
  const args = ['start', '--port', '0', '--data', join(directory, 'started'), '--log-level', 'silent', '--json']
  const command = startCommand(args)
  const { url, adminKey } = JSON.parse((await command.said('"url"')).stdout)
  expect(await new Tidings({ url, key: adminKey }).topics()).not.toHaveLength(0)
  command.kill('SIGTERM')
  expect((await command.done).code).toBe(0)

  const second = startCommand(args)
  expect(JSON.parse((await second.said('"url"')).stdout).adminKey).toBeNull()
  const other = await tidings(args)
  expect(other.code).toBe(2)
  expect(other.stderr).toContain('in use by another Tidings')
  second.kill('SIGTERM')
  await second.done
})

test('start names every fault of its configuration', async () => {
  const finished = await tidings(['start', '--port', 'x', '--retention', '1y'], {
    env: { TIDINGS_ALLOW_HTTP: 'perhaps' },
  })
  expect(finished.code).toBe(2)
  for (const name of ['--port', '--retention', 'TIDINGS_ALLOW_HTTP']) expect(finished.stderr).toContain(name)
})

test('backup copies a running server, and the copy starts', async () => {
  const server = await startTestServer()
  const env = { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey }
  const client = new Tidings({ url: server.url, key: adminKey })
  await client.tenants.create({ id: 1, name: 'One' })
  await client.publish({ tenantId: 1, type: 'invoice.updated', entityId: 'kept', id: 'kept' })
  const target = join(directory, 'backup')
  const finished = await tidings(['backup', target, '--json'], { env })
  expect(finished.code, finished.stderr).toBe(0)
  expect(JSON.parse(finished.stdout)).toMatchObject({ directory: target })
  const masterKey = await readFile(join(server.data, 'master.key'), 'utf8')
  await server.close()

  const restored = startCommand(['start', '--port', '0', '--data', target, '--log-level', 'silent', '--json'], {
    TIDINGS_ADMIN_KEY: adminKey,
    TIDINGS_MASTER_KEY: masterKey,
  })
  const { url } = JSON.parse((await restored.said('"url"')).stdout)
  const page = await new Tidings({ url, key: adminKey }).feedPage('invoices')
  expect(page.events.map(({ id }) => id)).toEqual(['kept'])
  restored.kill('SIGTERM')
  expect((await restored.done).code).toBe(0)
})

test('backup copies the store of a stopped server, and refuses that of a running one', async () => {
  const data = join(directory, 'stopped')
  const server = await startTestServer({ data })
  await new Tidings({ url: server.url, key: adminKey }).tenants.create({ id: 7, name: 'Seven' })
  const refused = await tidings(['backup', join(directory, 'never'), '--data', data, '--json'])
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'unsafe_store' } })
  await server.close()
  const target = join(directory, 'offline')
  const finished = await tidings(['backup', target, '--data', data])
  expect(finished.code, finished.stderr).toBe(0)
  expect(finished.stderr).toContain('master.key')
  await expect(startTestServer({ data: target })).rejects.toThrow('the store cannot be opened without that key')
  await copyFile(join(data, 'master.key'), join(target, 'master.key'))
  const restored = await startTestServer({ data: target })
  expect(await new Tidings({ url: restored.url, key: adminKey }).tenants.get(7)).toMatchObject({ name: 'Seven' })
  await restored.close()
  expect((await tidings(['backup', target, '--data', join(directory, 'nothing')])).code).toBe(2)
})

test('doctor finds nothing wrong with a running server', async () => {
  const server = await startTestServer()
  const finished = await tidings(['doctor', '--data', server.data, '--url', server.url, '--json'], {
    env: { TIDINGS_PUBLIC_URL: server.url },
  })
  await server.close()
  expect(finished.code, finished.stdout).toBe(0)
  const { ok, checks } = JSON.parse(finished.stdout)
  expect(ok).toBe(true)
  const names = new Set(checks.map(({ name }: { name: string }) => name))
  for (const name of ['configuration', 'runtime', 'store', 'disk', 'disk sync', 'clock', 'server'])
    expect(names).toContain(name)
  expect(checks.filter(({ status }: { status: string }) => status === 'fail')).toEqual([])
  expect(checks).toContainEqual(expect.objectContaining({ name: 'public URL', status: 'warn' }))
  expect(finished.stdout).toContain('is in use by a server')
})

test('doctor fails on what is wrong, and says what to do', async () => {
  const data = join(directory, 'ill')
  const server = await startTestServer({ data })
  await server.close()
  const files = (await readdir(data)).filter((name) => name.endsWith('.db'))
  expect(files.length).toBeGreaterThan(0)
  await writeFile(join(data, files[0]!), 'this is no database, and long enough to be looked at'.repeat(100))
  await chmod(join(data, 'master.key'), 0o644)
  const finished = await tidings(['doctor', '--data', data, '--url', await closedUrl()], {
    env: { TIDINGS_RETENTION: 'for ever' },
  })
  expect(finished.code).toBe(1)
  expect(finished.stdout).toMatch(/FAIL {2}configuration .*TIDINGS_RETENTION/)
  expect(finished.stdout).toMatch(/FAIL {2}store .*\.db/)
  expect(finished.stdout).toMatch(/FAIL {2}master key/)
  expect(finished.stdout).toMatch(/warn {2}server .*\n.*why:.*\n.*tidings start/)
})

test('the demonstration shows each event by all four ways, and ends after so many', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const finished = await tidings(['demo', '--port', String(port), '--events', '4', '--every', '20', '--json'])
  taken.close()
  expect(finished.code, finished.stderr).toBe(0)
  const [opening, ...rest] = finished.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(finished.stderr).toContain(`Port ${port} is taken`)
  expect(opening.url).not.toContain(`:${port}`)
  const { summary } = rest.pop()
  expect(summary).toMatchObject({ published: 4, complete: 4 })
  expect(rest).toHaveLength(4)
  expect(opening.signInUrl.startsWith(`${opening.url}/ui/#tid_link_`)).toBe(true)
  for (const { event, latencyMs } of rest) {
    expect(event.type).toMatch(/^[a-z-]+\.[a-z-]+$/)
    for (const way of ['stream', 'webhook', 'feed', 'sse']) expect(latencyMs[way]).toBeGreaterThanOrEqual(0)
  }
})

test('the printed line publishes one more event, which arrives by all four ways; Ctrl-C drains', async () => {
  const command = startCommand(['demo', '--port', '0', '--every', '60000'])
  const { stdout } = await command.said('curl ')
  const line = (await command.said('STREAM')).stdout.split('\n').find((each) => each.startsWith('curl '))!
  expect(stdout).not.toContain('\u001b')
  const [, url] = /curl -sS (\S+)/.exec(line)!
  const headers = Object.fromEntries(
    [...line.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!]),
  )
  const [, body] = / -d '(.*)'$/.exec(line)!
  const response = await fetch(url!, { method: 'POST', headers, body: body! })
  expect(response.status).toBe(201)
  const shown = await command.said('invoice.updated 3817')
  const row = shown.stdout.split('\n').find((each) => each.includes('invoice.updated 3817'))!
  expect(row).toMatch(/^\d\d:\d\d:\d\d Bygg AB {2}invoice\.updated 3817( +[\d.]+ ms){4}$/)
  expect(row.length).toBeLessThanOrEqual(80)
  const [, origin, link] = /sign in, once: (\S+)\/ui\/#(\S+)/.exec(shown.stdout)!
  const follow = () =>
    fetch(`${origin}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ link }),
    })
  expect((await follow()).status).toBe(204)
  expect((await follow()).status).toBe(401)
  command.kill('SIGINT')
  const finished = await command.done
  expect(finished.code, finished.stderr).toBe(0)
  expect(finished.stdout).toMatch(/2 events arrived by all four ways/)
})

test('doctor finds what no start would: a batch whose text was changed, and a whole batch that is gone', async () => {
  for (const [change, said] of [
    [
      "UPDATE batches SET body = cast(replace(body, 'kept', 'lost') AS BLOB)",
      'the batch with the events 1 to 1 is damaged',
    ],
    ['DELETE FROM batches WHERE base = 2', 'the log after position 1 is damaged'],
  ] as const) {
    const data = join(directory, `damaged-${said.length}`)
    const server = await startTestServer({ data })
    const client = new Tidings({ url: server.url, key: adminKey })
    await client.tenants.create({ id: 1, name: 'One' })
    for (const id of ['kept', 'b', 'c']) {
      await client.publish([{ tenantId: 1, type: 'invoice.updated', entityId: id, id }])
    }
    await server.close()
    const database = new DatabaseSync(join(data, 'log.db'))
    database.exec(change)
    database.close()
    const finished = await tidings(['doctor', '--data', data, '--url', await closedUrl()])
    expect(finished.code).toBe(1)
    expect(finished.stdout).toContain(said)
    expect(finished.stdout).toMatch(/FAIL {2}store .*\n.*why:.*\n.*tidings restore <backup>/)
  }
})

test('doctor says of each trouble with a store what to do', async () => {
  const data = join(directory, 'newer')
  const server = await startTestServer({ data })
  await server.close()
  const change = (sql: string) => {
    const database = new DatabaseSync(join(data, 'registry.db'))
    database.exec(sql)
    database.close()
  }
  change('PRAGMA user_version = 99')
  const newer = await tidings(['doctor', '--data', data, '--url', await closedUrl()])
  expect(newer.code).toBe(1)
  expect(newer.stdout).toMatch(/FAIL {2}store .*written by a newer Tidings.*\n.*\n.*Install the newer Tidings/)
  change('PRAGMA application_id = 0')
  const unreleased = await tidings(['doctor', '--data', data, '--url', await closedUrl()])
  expect(unreleased.stdout).toMatch(
    /FAIL {2}store .*does not know.*\n.*cannot read it.*\n.*Give Tidings another --data/,
  )

  // The clock went back: what the store was written at is still to come.
  const ahead = join(directory, 'ahead')
  await (await startTestServer({ data: ahead })).close()
  const tomorrow = new Date(Date.now() + 86_400_000)
  await utimes(join(ahead, 'log.db'), tomorrow, tomorrow)
  const back = await tidings(['doctor', '--data', ahead, '--url', await closedUrl()])
  expect(back.stdout).toMatch(/FAIL {2}clock .*\n.*why:.*\n.*timedatectl set-ntp/)
})
