/**
 * For each reason: its cause is set up on a real server process, `tidings why` names the reason and
 * prints the commands that mend it, and these commands, pasted into a shell, bring the event to its
 * receiver. Runs against the program of this clone, or against any executable:
 *
 *   TIDINGS_PROGRAM=/path/to/tidings npx vitest run test/why
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Explanation, type Subscription, Tidings } from '@tidings/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Program } from './program.ts'

// A test runs several processes, one after the other, on a machine that may be busy: the limit is
// there to end what hangs, not to measure.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

type Reason = Explanation['reason']

let program: Program
let operator: Tidings
let integrator: Tidings
let integrationId: string
let receiver: Server
let base: string
/** Endpoints (by path) that fail. */
const broken = new Set<string>()
/** Ids of the events that each endpoint has accepted, in order. */
const accepted = new Map<string, string[]>()
let count = 0

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const path = request.url!
    if (broken.has(path)) return response.writeHead(500).end('out of order')
    accepted.set(path, [...(accepted.get(path) ?? []), id])
    return response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  program = await Program.start()
  operator = new Tidings({ url: program.url, key: program.adminKey })
  await operator.tenants.create({ id: 1, name: 'Bygg AB' })
  const { id, clientId, clientSecret } = await operator.integrations.create({ name: 'Payroll Sync' })
  integrationId = id
  await operator.integrations.tokens(id).create({ tenantId: 1 })
  integrator = new Tidings({ url: program.url, clientId, clientSecret })
})

afterAll(async () => {
  await program?.stop()
  receiver.close()
  receiver.closeAllConnections()
})

interface Case {
  readonly subscription: Subscription
  readonly path: string
  readonly event: string
}

/** A subscription with an endpoint of its own, and an id for its event. */
async function subscribe(rest: object = {}): Promise<Case> {
  const path = `/hook-${++count}`
  const subscription = await integrator.subscriptions.create({
    endpoint: { url: base + path },
    types: ['invoice.*'],
    retry: { delaysSeconds: [3_600] },
    ...rest,
  })
  return { subscription, path, event: `inv-${count}` }
}

async function publish({ event: id }: { event: string }, rest: object = {}) {
  const [published] = await operator.publish({ tenantId: 1, type: 'invoice.updated', entityId: id, id, ...rest })
  return published!
}

/** Resolves once the server gives this reason: an attempt ends a little after its receiver was asked. */
async function until({ subscription, event }: Case, reason: Reason): Promise<void> {
  while ((await operator.subscriptions.explain(subscription.id, event)).reason !== reason);
}

/** What `tidings why` says, and the commands that it prints. */
async function why({ subscription, event }: Case, reason: Reason): Promise<{ text: string; commands: string[] }> {
  const { code, stdout, stderr } = await program.run(['why', event, '--subscription', subscription.id])
  expect(code, stderr).toBe(0)
  expect(stdout.split('\n')[0]).toBe(`${subscription.id}  ${reason}`)
  const commands = stdout.split('\n').flatMap((line) => /^ {4}(tidings .*)$/.exec(line)?.[1] ?? [])
  return { text: stdout, commands }
}

async function mended(given: Case, commands: readonly string[], times = 1): Promise<void> {
  expect(commands).not.toEqual([])
  for (const command of commands) await program.paste(command)
  await until(given, 'delivered')
  expect(accepted.get(given.path)?.filter((id) => id === given.event)).toHaveLength(times)
}

const proven = new Set<Reason>()
/** A test that proves a reason: all of them have to be proven at the end. */
function reasonTest(reason: Reason, title: string, prove: () => Promise<void>): void {
  test(`${reason}: ${title}`, async () => {
    await prove()
    proven.add(reason)
  })
}

reasonTest('delivered', 'can be sent once more', async () => {
  const given = await subscribe()
  await publish(given)
  await until(given, 'delivered')
  const { text, commands } = await why(given, 'delivered')
  expect(text).toContain('HTTP status 204')
  await mended(given, commands, 2)
})

reasonTest('waiting', 'a receiver that is out of order is tried again', async () => {
  const given = await subscribe()
  broken.add(given.path)
  await publish(given)
  while ((await operator.subscriptions.explain(given.subscription.id, given.event)).delivery === null);
  const { text, commands } = await why(given, 'waiting')
  expect(text).toMatch(
    /Attempt 1 at .* ended in http_500 \(the endpoint answered: "out of order"\)\. The next attempt is at 2/,
  )
  expect(text).toContain('When the endpoint works, send it again at once:')
  broken.delete(given.path)
  await mended(given, commands)
})

reasonTest('waiting', 'a paused reading is resumed', async () => {
  const given = await subscribe()
  await operator.subscriptions.pauseCatchUp(given.subscription.id)
  await publish(given)
  const { text, commands } = await why(given, 'waiting')
  expect(text).toContain('was paused at')
  await mended(given, commands)
})

reasonTest('failed', 'all attempts have failed', async () => {
  const given = await subscribe({ retry: { delaysSeconds: [] } })
  broken.add(given.path)
  await publish(given)
  await until(given, 'failed')
  const { text, commands } = await why(given, 'failed')
  expect(text).toContain('No further attempt follows.')
  broken.delete(given.path)
  await mended(given, commands)
})

reasonTest('superseded', 'a newer event of the entity took its place', async () => {
  const older = await subscribe({ coalesce: 'latest' })
  const newer = { ...older, event: `${older.event}-newer` }
  broken.add(older.path)
  await publish(older, { entityId: 'one' })
  while ((await operator.subscriptions.explain(older.subscription.id, older.event)).delivery === null);
  await publish(newer, { entityId: 'one' })
  await until(older, 'superseded')
  const { commands } = await why(older, 'superseded')
  broken.delete(older.path)
  await mended(newer, (await why(newer, 'waiting')).commands)
  await mended(older, commands)
})

reasonTest('not_granted', 'the grant was revoked', async () => {
  const given = await subscribe()
  const tokens = operator.integrations.tokens(integrationId)
  const live = await Array.fromAsync(tokens.list())
  for (const { id } of live) await tokens.delete(id)
  await publish(given)
  const { text, commands } = await why(given, 'not_granted')
  expect(text).toMatch(/Access token tok_\w+ was revoked at 2\S+ by the operator/)
  await mended(given, commands)
})

reasonTest('type_not_subscribed', 'its types do not hold the event', async () => {
  const given = await subscribe({ types: ['customer.*'] })
  await publish(given)
  const { text, commands } = await why(given, 'type_not_subscribed')
  expect(text).toContain('asks for customer.*; the event is invoice.updated')
  await mended(given, commands)
})

reasonTest('filtered', 'a condition of the filter does not hold', async () => {
  const given = await subscribe({ filter: { 'data.total': { $gte: 1_000 } } })
  await publish(given, { data: { total: 12.5 } })
  const { text, commands } = await why(given, 'filtered')
  expect(text).toContain('data.total $gte 1000 (the event has 12.5)')
  await mended(given, commands)
})

reasonTest('before_start', 'the subscription is younger than the event', async () => {
  const event = 'inv-early'
  await publish({ event })
  const given = { ...(await subscribe()), event }
  const { commands } = await why(given, 'before_start')
  await mended(given, commands)
})

reasonTest('disabled', 'it is enabled again, and misses nothing', async () => {
  const given = await subscribe()
  await operator.subscriptions.disable(given.subscription.id)
  await publish(given)
  const { text, commands } = await why(given, 'disabled')
  expect(text).toContain('(by_request)')
  await mended(given, commands)
})

reasonTest('skipped', 'it was enabled from now on', async () => {
  const given = await subscribe()
  await operator.subscriptions.disable(given.subscription.id)
  await publish(given)
  await operator.subscriptions.enable(given.subscription.id, 'now')
  await until(given, 'skipped')
  const { text, commands } = await why(given, 'skipped')
  expect(text).toContain('it was enabled from now on')
  await mended(given, commands)
})

reasonTest('not_in_dialect', 'the dialect cannot carry the type, so there is no command', async () => {
  await operator.request({
    method: 'PUT',
    path: '/v1/event-types/parcel.shipped',
    body: { topic: 'parcels' },
  })
  const given = await subscribe({ dialect: 'tripletex', types: ['*'], retry: undefined })
  await publish(given, { type: 'parcel.shipped' })
  const { text, commands } = await why(given, 'not_in_dialect')
  expect(text).toContain('The dialect tripletex has no name for parcel.shipped')
  expect(commands).toEqual([])
})

reasonTest('quiet', 'the publisher wanted no webhooks, so there is no command', async () => {
  const given = await subscribe()
  await publish(given, { quiet: true })
  const { text, commands } = await why(given, 'quiet')
  expect(text).toContain('"quiet": true')
  expect(commands).toEqual([])
})

reasonTest('expired', 'retention has removed the event, so there is no command', async () => {
  const short = await Program.start(['--retention', '1s'])
  try {
    const client = new Tidings({ url: short.url, key: short.adminKey })
    await client.tenants.create({ id: 1, name: 'Bygg AB' })
    const { id, clientId, clientSecret } = await client.integrations.create({ name: 'Payroll Sync' })
    await client.integrations.tokens(id).create({ tenantId: 1 })
    const own = new Tidings({ url: short.url, clientId, clientSecret })
    const made = await own.subscriptions.create({ endpoint: { url: `${base}/late` }, types: ['customer.*'] })
    // Not by the library, which gives each event an id: of ids that are not its own, Tidings forgets what it drops.
    const { events } = await client.request<{ events: readonly { id: string; topic: string; offset: string }[] }>({
      method: 'POST',
      path: '/v1/events',
      body: { tenantId: 1, type: 'invoice.updated', entityId: '1' },
    })
    const [event] = events
    const names = [event!.id, `${event!.topic}:${event!.offset}`]
    while ((await client.subscriptions.explain(made.id, names[0]!)).reason !== 'expired');
    for (const name of names) {
      const { code, stdout } = await short.run(['why', name, '--subscription', made.id])
      expect(code).toBe(0)
      expect(stdout).toContain(`${made.id}  expired`)
      expect(stdout).not.toContain('tidings ')
    }
  } finally {
    await short.stop()
  }
})

test('every reason has been proven', () => {
  const all: Readonly<Record<Reason, true>> = {
    delivered: true,
    waiting: true,
    failed: true,
    superseded: true,
    not_granted: true,
    type_not_subscribed: true,
    not_in_dialect: true,
    filtered: true,
    quiet: true,
    before_start: true,
    disabled: true,
    skipped: true,
    expired: true,
  }
  expect([...proven].sort()).toEqual(Object.keys(all).sort())
})

test('without a subscription, each of the tenant is told, and an unknown event is refused', async () => {
  const one = await subscribe({ types: ['product.*'] })
  const other = await subscribe({ types: ['product.created'] })
  await publish(one, { type: 'product.updated' })
  await until(one, 'delivered')
  const { code, stdout } = await program.run(['why', one.event])
  expect(code).toBe(0)
  expect(stdout).toContain(`Event ${one.event}: product.updated of tenant 1`)
  expect(stdout).toContain(`${one.subscription.id}  delivered`)
  expect(stdout).toContain(`${other.subscription.id}  type_not_subscribed`)
  const json = JSON.parse((await program.run(['why', one.event, '--json'])).stdout)
  expect(json.items.find(({ subscription }: Explanation) => subscription === other.subscription.id)).toMatchObject({
    due: false,
    reason: 'type_not_subscribed',
    commands: [
      `tidings subscriptions update ${other.subscription.id} --types product.created,product.updated`,
      expect.stringContaining('tidings replay'),
    ],
  })
  expect((await program.run(['why', 'inv-nobody'])).code).not.toBe(0)
})
