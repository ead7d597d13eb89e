import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type RunningServer, startServer } from '../compose.ts'
import { readConfig } from '../config/config.ts'
import { Queue } from '../core/collection/queue.ts'
import { jsonText, jsonValue } from '../core/json/json-text.ts'
import { startLiveReceiver } from '../dialects/fixtures/live.ts'

/** Tenant ids of 64 bits on every way in and out; the second and the third are one double. */

const beyond = 9007199254740993n
const one = 116015326147118082n
const other = 116015326147118083n
const largest = 9223372036854775807n
const all = [beyond, one, other, largest]

const adminKey = 'an-operator-key-for-tests'
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
type Json = any

class World {
  readonly #data = mkdtempSync(join(tmpdir(), 'tidings-tenant-ids-'))
  #server: RunningServer | undefined
  readonly #streams: AbortController[] = []

  async start(): Promise<void> {
    const flags = {
      ...{ port: '0', data: this.#data, adminKey, logLevel: 'silent', allowHttp: 'true' },
      allowNetworks: '127.0.0.0/8',
    }
    this.#server = await startServer(readConfig({ flags, env: {} }))
  }

  async restart(): Promise<void> {
    await this.#server!.close()
    await this.start()
  }

  async end(): Promise<void> {
    for (const stream of this.#streams) stream.abort()
    await this.#server?.close()
    rmSync(this.#data, { recursive: true, force: true })
  }

  get url(): string {
    return this.#server!.url
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    { key = adminKey, type = 'application/json', accept = '' } = {},
  ) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': type }),
        ...(accept && { accept }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : jsonText(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '') && text !== ''
    return { status: response.status, text, json: (isJson ? jsonValue(text) : undefined) as Json }
  }

  async did(method: string, path: string, body?: unknown, options = {}): Promise<Json> {
    const answer = await this.call(method, path, body, options)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.json ?? answer.text
  }

  /** Server-sent events, from now on; each one's data. */
  async stream(query: string, key: string): Promise<() => Promise<string>> {
    const stop = new AbortController()
    this.#streams.push(stop)
    const headers = { authorization: `Bearer ${key}` }
    const response = await fetch(`${this.url}/v1/stream?${query}`, { headers, signal: stop.signal })
    expect(response.status).toBe(200)
    const lines = linesOf(response.body!)
    return async () => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error('the stream ended')
        if (value.startsWith('data: {')) return value.slice('data: '.length)
      }
    }
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield* lines
  }
}

async function startWorld(): Promise<World> {
  const world = new World()
  onTestFinished(() => world.end())
  await world.start()
  return world
}

/** A tenant for each id, and an integration that each of them granted alone. */
async function withTenants(world: World) {
  const keys = new Map<bigint, string>()
  const integrations = new Map<bigint, { id: string; clientSecret: string }>()
  for (const id of all) {
    await world.did('POST', '/v1/tenants', { id })
    const integration = await world.did('POST', '/v1/integrations', { name: `App of ${id}` })
    const made = await world.did('POST', `/v1/integrations/${integration.id}/tokens`, { tenantId: id })
    expect(made.tenantId).toBe(id)
    keys.set(id, made.accessToken)
    integrations.set(id, integration)
  }
  return { key: (id: bigint) => keys.get(id)!, integration: (id: bigint) => integrations.get(id)! }
}

const event = (tenantId: bigint, entityId: string, more: object = {}) => ({
  tenantId,
  type: 'invoice.updated',
  entityId,
  ...more,
})
const entitiesOf = ({ events }: Json) => events.map(({ tenantId, entityId }: Json) => [tenantId, entityId])

test('tenants are made, read, changed, listed page by page and deleted', async () => {
  const world = await startWorld()
  await world.did('POST', '/v1/tenants', { id: 7, name: 'small' })
  for (const [index, id] of all.entries()) {
    const made = await world.call('POST', '/v1/tenants', { id, parentId: all[index - 1] ?? 7 })
    expect([made.status, made.text]).toEqual([
      201,
      expect.stringContaining(`{"id":${id},"name":"${id}","parentId":${all[index - 1] ?? 7},`),
    ])
  }
  expect((await world.call('POST', '/v1/tenants', { id: one })).status).toBe(409)
  expect(await world.did('GET', `/v1/tenants/${other}`)).toMatchObject({ id: other, parentId: one })
  const moved = await world.did('PATCH', `/v1/tenants/${other}`, { parentId: beyond })
  expect(moved).toMatchObject({ id: other, parentId: beyond })
  expect((await world.call('PATCH', `/v1/tenants/${beyond}`, { parentId: other })).json.errors[0].code).toBe('cycle')

  const seen: unknown[] = []
  for (let cursor = ''; cursor !== null; ) {
    const page = await world.did('GET', `/v1/tenants?limit=1${cursor && `&cursor=${cursor}`}`)
    seen.push(...page.items.map(({ id }: Json) => id))
    cursor = page.next
  }
  expect(seen).toEqual([7, ...all])

  expect((await world.call('DELETE', `/v1/tenants/${largest}`)).status).toBe(204)
  for (const id of [largest, largest + 1n, '0', `0${one}`]) {
    expect((await world.call('GET', `/v1/tenants/${id}`)).status).toBe(404)
  }
  const audit = await world.did('GET', '/v1/audit?limit=2')
  expect(audit.items[0]).toMatchObject({ action: 'deleted', kind: 'tenant', id: String(largest) })
})

test('events are published one, many and line by line, and read by feed and stream, each tenant its own', async () => {
  const world = await startWorld()
  const { key } = await withTenants(world)
  const live = await world.stream('topics=invoices', key(other))
  const chosen = await world.stream(`topics=invoices&tenants=${largest},${other}`, adminKey)

  await world.did('POST', '/v1/events', event(one, 'single'))
  await world.did('POST', '/v1/events', [event(one, 'a'), event(other, 'b'), event(largest, 'c'), event(beyond, 'd')])
  const lines = [event(other, 'e', { id: 'same' }), event(one, 'e', { id: 'same' }), event(other, 'e', { id: 'same' })]
  const answered = await world.did('POST', '/v1/events', lines.map(jsonText).join('\n'), {
    type: 'application/x-ndjson',
  })
  const duplicates = answered
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line).duplicate)
  // An id is scoped to its tenant, to the last digit.
  expect(duplicates).toEqual([false, false, true])

  const feed = (query: string, by = adminKey) =>
    world.did('GET', `/v1/topics/invoices/events${query}`, undefined, { key: by })
  expect(entitiesOf(await feed('', key(one)))).toEqual([
    [one, 'single'],
    [one, 'a'],
    [one, 'e'],
  ])
  expect(entitiesOf(await feed('', key(other)))).toEqual([
    [other, 'b'],
    [other, 'e'],
  ])
  expect(entitiesOf(await feed(`?tenants=${largest},${beyond}`))).toEqual([
    [largest, 'c'],
    [beyond, 'd'],
  ])
  const filter = encodeURIComponent(`{"tenantId":{"$gt":${one}}}`)
  expect(entitiesOf(await feed(`?filter=${filter}`))).toEqual([
    [other, 'b'],
    [largest, 'c'],
    [other, 'e'],
  ])
  const cloudEvents = await world.did('GET', '/v1/topics/invoices/events?limit=1', undefined, {
    key: key(one),
    accept: 'application/cloudevents+json',
  })
  expect(cloudEvents.events[0]).toMatchObject({ tenantid: String(one), source: `/tenants/${one}` })

  expect(await live()).toContain(`"tenantId":${other},"entityId":"b"`)
  expect(await live()).toContain(`"tenantId":${other},"entityId":"e"`)
  expect(await chosen()).toContain(`"tenantId":${other},"entityId":"b"`)
  expect(await chosen()).toContain(`"tenantId":${largest},"entityId":"c"`)
})

test('the WebSocket takes and gives them, in commands and events', async () => {
  const world = await startWorld()
  const { key, integration } = await withTenants(world)
  const child = largest - 1n
  await world.did('POST', '/v1/tenants', { id: child, parentId: one })
  const messages = new Queue<string>()
  let wake = () => {}
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/topics-v1`)
  onTestFinished(() => socket.terminate())
  socket.on('message', (data) => {
    messages.push(String(data))
    wake()
  })
  await new Promise((resolve) => socket.once('open', resolve))
  const next = async () => {
    for (;;) {
      const message = messages.shift()
      if (message !== undefined) return message
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const ask = (command: string, more: object = {}) => {
    socket.send(jsonText({ command, ...more }))
    return next()
  }
  const { clientSecret } = integration(one)
  expect(await ask('add-tenants-v1', { clientSecret, accessTokens: [key(one)], includeChildTenants: true })).toBe(
    `{"response":"add-tenants-v1","result":"ok","tenantIds":{"${key(one)}":${one}}}`,
  )
  expect(await ask('list-tenants-v1')).toBe(
    `{"response":"list-tenants-v1","result":"ok","tenantIds":[${one},${child}]}`,
  )
  // A neighbour that is the same double is another tenant.
  expect(await ask('remove-tenants-v1', { tenants: [other] })).toBe(
    `{"response":"remove-tenants-v1","result":"error","invalidTenants":[${other}]}`,
  )
  expect(await ask('add-topics-v1', { topics: [{ topic: 'invoices' }] })).toContain('"ok"')
  expect(await ask('subscribe-v1')).toContain('"ok"')
  await world.did('POST', '/v1/events', [event(other, 'x'), event(one, 'y'), event(child, 'z')])
  expect(await next()).toContain(`"tenantId":${one},"entityId":"y"`)
  expect(await next()).toContain(`"tenantId":${child},"entityId":"z"`)
  expect(await ask('remove-tenants-v1', { tenants: [child] })).toBe('{"response":"remove-tenants-v1","result":"ok"}')
  expect(await ask('list-tenants-v1')).toContain(`"tenantIds":[${one}]`)
})

test('subscriptions and deliveries know them, and so does the server after a restart', async () => {
  const world = await startWorld()
  const receiver = await startLiveReceiver()
  receiver.answer = 500
  const { key, integration } = await withTenants(world)
  const child = largest - 1n
  await world.did('POST', '/v1/tenants', { id: child, parentId: one })
  await world.did('POST', `/v1/integrations/${integration(one).id}/tokens`, { tenantId: largest })
  const wanted = { types: ['invoice.*'], retry: { delaysSeconds: [600_000] } }
  const subscribe = (name: string, more: object, by: string) =>
    world.did(
      'POST',
      '/v1/subscriptions',
      { ...wanted, endpoint: { url: `${receiver.url}/${name}` }, ...more },
      { key: by },
    )
  const bound = await subscribe('bound', {}, key(other))
  expect(bound).toMatchObject({ tenantId: other, tenants: 'granted' })
  const operators = { integrationId: integration(one).id }
  const listed = await subscribe('listed', { ...operators, tenants: [largest, one] }, adminKey)
  expect(listed.tenants).toEqual([largest, one])
  const subtree = await subscribe('subtree', { ...operators, tenants: { subtree: one } }, adminKey)
  expect(subtree.tenants).toEqual({ subtree: one })
  const changed = await world.did('PATCH', `/v1/subscriptions/${listed.id}`, { tenants: [one, largest] })
  expect(changed.tenants).toEqual([one, largest])
  for (const tenants of [[one, other], { subtree: other }]) {
    const refused = await world.call('PATCH', `/v1/subscriptions/${listed.id}`, { tenants })
    expect(refused.json.errors).toMatchObject([{ code: 'unknown_tenant' }])
  }

  const expected: Record<string, bigint[]> = { bound: [other], listed: [one, largest], subtree: [one, child] }
  const publish = async (entityId: string) => {
    await world.did(
      'POST',
      '/v1/events',
      [...all, child].map((id) => event(id, entityId)),
    )
    const got: Record<string, unknown[]> = { bound: [], listed: [], subtree: [] }
    for (let count = 0; count < 5; count++) {
      const { path, body } = await receiver.next()
      got[path.split('/').at(-1)!]!.push((jsonValue(String(body)) as Json).tenantId)
    }
    for (const name of Object.keys(got)) got[name]!.sort((a, b) => ((a as bigint) < (b as bigint) ? -1 : 1))
    expect(got).toEqual(expected)
  }
  const failures = async () => {
    const { items } = await world.did('GET', '/v1/deliveries?status=waiting')
    return items.map(({ tenantId, entityId }: Json) => `${tenantId} ${entityId}`).sort()
  }
  const failed = (entityId: string) =>
    Object.values(expected)
      .flat()
      .map((id) => `${id} ${entityId}`)
  await publish('before')
  await expect.poll(failures).toEqual(failed('before').sort())

  await world.restart()
  expect(await failures()).toEqual(failed('before').sort())
  expect((await world.did('GET', `/v1/tenants/${child}`)).parentId).toBe(one)
  expect((await world.did('GET', `/v1/subscriptions/${listed.id}`)).tenants).toEqual([one, largest])
  const tokens = await world.did('GET', `/v1/integrations/${integration(one).id}/tokens`)
  expect(tokens.items.map(({ tenantId }: Json) => tenantId).sort()).toEqual([one, largest])
  const fed = await world.did('GET', '/v1/topics/invoices/events', undefined, { key: key(other) })
  expect(entitiesOf(fed)).toEqual([[other, 'before']])
  await publish('after')
  await expect.poll(failures).toEqual([...failed('before'), ...failed('after')].sort())

  const lines = async (query: string) => {
    const text = await world.did('GET', `/v1/deliveries?${query}`, undefined, { accept: 'application/x-ndjson' })
    return text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line: string) => (jsonValue(line) as Json).tenantId)
  }
  expect(await lines(`tenants=${other},${child}`)).toEqual(expect.arrayContaining([other, other, child, child]))
  expect(await lines(`subscription=${listed.id}&tenants=${other}`)).toEqual([])
  const resend = { subscription: listed.id, status: 'waiting', tenants: [largest, other] }
  receiver.answer = 200
  expect(await world.did('POST', '/v1/deliveries/resend', resend)).toMatchObject({
    status: 'running',
    filter: { tenants: [largest, other] },
  })
  const again = [await receiver.next(), await receiver.next()].map(
    ({ body }) => (jsonValue(String(body)) as Json).tenantId,
  )
  expect(again).toEqual([largest, largest])
})

const outOfRange = ['0', '-1', '1.5', '9223372036854775808', '-9223372036854775808', '1e25']

test('what is no tenant id is refused, and the refusal says where and what one is', async () => {
  const world = await startWorld()
  const { key, integration } = await withTenants(world)
  const { id: integrationId } = integration(one)
  const wanted = { types: ['*'], endpoint: { url: 'https://example.com' } }
  const made = await world.did('POST', '/v1/subscriptions', wanted, { key: key(one) })
  const faults = async (path: string, body: string) => {
    const { status, json } = await world.call('POST', path, body)
    expect([path, body, status]).toEqual([path, body, 422])
    return json.errors.map(({ pointer, detail }: Json) => [pointer, detail])
  }
  for (const text of [...outOfRange, '"123"', '"116015326147118082"', '[1]', '{}']) {
    const rule = expect.stringContaining('from 1 to 9223372036854775807')
    const says = outOfRange.includes(text) ? rule : expect.stringContaining('must be a number')
    expect(await faults('/v1/tenants', `{"id":${text}}`)).toEqual([['/id', says]])
    expect(await faults('/v1/tenants', `{"id":5,"parentId":${text}}`)).toEqual([['/parentId', says]])
    const tokens = `/v1/integrations/${integrationId}/tokens`
    expect(await faults(tokens, `{"tenantId":${text}}`)).toEqual([['/tenantId', says]])
    const changed = `{"tenantId":${text},"type":"invoice.updated","entityId":"1"}`
    expect(await faults('/v1/events', changed)).toEqual([['/tenantId', says]])
    for (const [tenants, pointer] of [
      [`[${one},${text}]`, '/tenants/1'],
      [`{"subtree":${text}}`, '/tenants/subtree'],
    ]) {
      const subscription = `${JSON.stringify({ ...wanted, integrationId }).slice(0, -1)},"tenants":${tenants}}`
      expect(await faults('/v1/subscriptions', subscription)).toContainEqual([pointer, rule])
    }
    const resend = `{"subscription":"${made.id}","tenants":[${text}]}`
    expect(await faults('/v1/deliveries/resend', resend)).toEqual([['/tenants/0', rule]])
    for (const path of ['/v1/topics/invoices/events?', '/v1/stream?topics=invoices&']) {
      const { status, json } = await world.call('GET', `${path}tenants=${encodeURIComponent(text)}`)
      expect([status, json.errors[0].pointer]).toEqual([400, '/tenants'])
    }
  }
})
