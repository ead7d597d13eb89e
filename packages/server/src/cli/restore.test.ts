import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Tidings } from '@tidings/client'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startCommand, startTestServer, tidings } from './fixtures/cli.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidings-restore-'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Receiver {
  readonly url: string
  secret: string
  /** The delivery's ids by the event's id. */
  readonly accepted: Map<string, Set<string>>
  close(): void
}

async function receive(onAccepted: () => void): Promise<Receiver> {
  const accepted = new Map<string, Set<string>>()
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      new Webhook(receiver.secret).verify(body, request.headers as Record<string, string>)
      const { id } = JSON.parse(body) as { id: string }
      accepted.set(id, (accepted.get(id) ?? new Set()).add(String(request.headers['webhook-id'])))
      response.writeHead(204).end()
      onAccepted()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret: '',
    accepted,
    close: () => server.close(),
  }
  return receiver
}

/** A backup of one event and one subscription that signs, and the key that opens it. */
async function backedUp(): Promise<{ readonly directory: string; readonly keyFile: string }> {
  const server = await startTestServer({ allowNetworks: '127.0.0.0/8', allowHttp: 'true' })
  const operator = new Tidings({ url: server.url, key: adminKey })
  await operator.tenants.create({ id: 1, name: 'One' })
  const { id } = await operator.integrations.create({ name: 'Sync' })
  const { accessToken } = await operator.integrations.tokens(id).create({ tenantId: 1 })
  const endpoint = { url: 'http://127.0.0.1:9/hook' }
  await new Tidings({ url: server.url, key: accessToken }).subscriptions.create({ endpoint, types: ['customer.*'] })
  await operator.publish([{ tenantId: 1, type: 'invoice.updated', entityId: '1' }])
  const target = await mkdtemp(join(directory, 'backup-'))
  const finished = await tidings(['backup', target], { env: { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey } })
  expect(finished.code, finished.stderr).toBe(0)
  const keyFile = join(directory, `${basename(target)}.key`)
  await copyFile(join(server.data, 'master.key'), keyFile)
  await server.close()
  return { directory: target, keyFile }
}

test('a backup taken while it publishes and delivers is restored by the command, with everything acknowledged before it', async () => {
  let look = () => {}
  const receiver = await receive(() => look())
  const settings = { allowNetworks: '127.0.0.0/8', allowHttp: 'true' }
  const server = await startTestServer(settings)
  const operator = new Tidings({ url: server.url, key: adminKey })
  await operator.tenants.create({ id: 1, name: 'One' })
  const post = async (url: string, path: string, key: string, body: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status, path).toBe(201)
    return (await response.json()) as Record<string, string>
  }
  const { id: integration } = await post(server.url, '/v1/integrations', adminKey, { name: 'Sync' })
  const { accessToken } = await post(server.url, `/v1/integrations/${integration}/tokens`, adminKey, { tenantId: 1 })
  const subscription = { endpoint: { url: receiver.url }, types: ['invoice.*'] }
  receiver.secret = (await post(server.url, '/v1/subscriptions', accessToken!, subscription)).signingSecret!

  const offsets = new Map<string, string>()
  const publish = async (from: number, count: number) => {
    for (let number = from; number < from + count; number++) {
      const id = `inv-${number}`
      const events = await operator.publish([{ tenantId: 1, type: 'invoice.updated', entityId: id, id }])
      offsets.set(id, events[0]!.offset)
    }
  }
  await publish(0, 150)
  const before = new Map(offsets)
  // It goes on publishing, and delivering, until the copy is made.
  let isCopied = false
  const meanwhile = (async () => {
    for (let from = 1_000; !isCopied; from += 5) await publish(from, 5)
  })()
  const target = join(directory, 'backup')
  const finished = await tidings(['backup', target], { env: { TIDINGS_URL: server.url, TIDINGS_KEY: adminKey } })
  isCopied = true
  await meanwhile
  expect(finished.code, finished.stderr).toBe(0)
  const keyFile = join(directory, 'kept.key')
  await copyFile(join(server.data, 'master.key'), keyFile)
  // The store goes with it.
  await server.close()
  const sentBefore = new Map([...receiver.accepted].map(([id, deliveries]) => [id, new Set(deliveries)]))

  const data = join(directory, 'restored')
  const restoring = await tidings(['restore', target, '--data', data, '--master-key-file', keyFile, '--json'])
  expect(restoring.code, restoring.stderr).toBe(0)
  const said = JSON.parse(restoring.stdout)
  expect(said).toMatchObject({ directory: data, backup: target, tenants: 1, integrations: 1, subscriptions: 1 })
  expect(said.events).toBeGreaterThanOrEqual(before.size)
  const restored = startCommand(['start', '--port', '0', '--data', data, '--log-level', 'silent', '--json'], {
    TIDINGS_ADMIN_KEY: adminKey,
    TIDINGS_ALLOW_NETWORKS: '127.0.0.0/8',
    TIDINGS_ALLOW_HTTP: 'true',
  })
  const { url } = JSON.parse((await restored.said('"url"')).stdout) as { url: string }
  const reader = new Tidings({ url, key: accessToken! })
  const stored: { id: string; offset: string }[] = []
  for (let after: string | undefined; ; ) {
    const page = await reader.feedPage('invoices', after === undefined ? {} : { after })
    if (page.events.length === 0) break
    stored.push(...page.events)
    after = page.next
  }
  const kept = new Map(stored.map(({ id, offset }) => [id, offset]))
  for (const [id, offset] of before) expect(kept.get(id)).toBe(offset)

  // An offset given out before, also for what was lost, is good; nothing that follows repeats a place.
  const lastOffset = [...offsets.values()].at(-1)!
  const fresh = await new Tidings({ url, key: adminKey }).publish([
    { tenantId: 1, type: 'invoice.updated', entityId: 'fresh', id: 'fresh' },
  ])
  const after = await reader.feedPage('invoices', { after: lastOffset })
  expect(after.events.map(({ id }) => id)).toEqual(['fresh'])
  expect([...offsets.values()]).not.toContain(fresh[0]!.offset)

  // Every event of the copy was accepted by now, before or again; under the same delivery id.
  const due = [...kept.keys(), 'fresh']
  await new Promise<void>((resolve) => {
    look = () => {
      if (due.every((id) => receiver.accepted.has(id))) resolve()
    }
    look()
  })
  for (const id of kept.keys()) {
    expect(receiver.accepted.get(id)!.size, id).toBe(1)
    if (sentBefore.has(id)) expect(receiver.accepted.get(id)).toEqual(sentBefore.get(id))
  }
  restored.kill('SIGTERM')
  expect((await restored.done).code).toBe(0)
  receiver.close()
})

test('restore says what it put in place, what is not in it, and what to do next', async () => {
  const backup = await backedUp()
  await copyFile(backup.keyFile, join(backup.directory, 'master.key'))
  const data = join(directory, 'said')
  const { code, stdout, stderr } = await tidings(['restore', backup.directory, '--data', data])
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/events +1, up to position 1/)
  expect(stdout).toMatch(/newest event +\d{4}-/)
  expect(stdout).toMatch(/subscriptions +1 of 1 integrations/)
  expect(stderr).toMatch(/Copying .*log\.db/)
  expect(stderr).toMatch(/What was published after \S+Z is not in it: publish it again/)
  expect(stderr).toContain(`Next: tidings doctor --data ${data}, then tidings start --data ${data}`)
  // A second one goes nowhere.
  const again = await tidings(['restore', backup.directory, '--data', data])
  expect(again.code).toBe(1)
  expect(again.stderr).toContain(`is not empty`)
})

test('restore takes the master key of the backup alone', async () => {
  const backup = await backedUp()
  const data = join(directory, 'keyless')
  const args = ['restore', backup.directory, '--data', data]
  const without = await tidings(args)
  expect(without.code).toBe(2)
  expect(without.stderr).toContain('--master-key-file')
  const otherKey = Buffer.alloc(32, 7).toString('base64')
  const wrong = await tidings(args, { env: { TIDINGS_MASTER_KEY: otherKey } })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('is not the master key of this backup')
  expect(wrong.stderr).toContain('1 of 1 subscriptions')
  const absent = await tidings([...args, '--master-key-file', join(directory, 'absent.key')])
  expect(absent.code).toBe(2)
  const key = (await readFile(backup.keyFile, 'utf8')).trim()
  const right = await tidings(args, { env: { TIDINGS_MASTER_KEY: key } })
  expect(right.code, right.stderr).toBe(0)
  const lost = await tidings(['restore', backup.directory, '--data', join(directory, 'lost'), '--without-master-key'])
  expect(lost.code, lost.stderr).toBe(0)
  expect(lost.stderr).toContain('renew every key')
  expect(await readdir(join(directory, 'lost'))).toContain('master.key')
})

test('what a killed restore left is neither started on nor backed up', async () => {
  const data = join(directory, 'unfinished')
  await mkdir(join(data, 'restoring'), { recursive: true })
  const started = await tidings(['start', '--port', '0', '--data', data, '--log-level', 'silent'])
  expect(started.code).toBe(2)
  expect(started.stderr).toContain('Run it again: tidings restore')
  expect(await readdir(data)).toEqual(['restoring'])
  const copied = await tidings(['backup', join(directory, 'never'), '--data', data])
  expect(copied.code).toBe(1)
  expect(copied.stderr).toContain('Run it again: tidings restore')
})
