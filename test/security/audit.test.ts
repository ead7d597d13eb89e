import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  adminKey,
  grantedTenant,
  type LiveReceiver,
  type LiveServer,
  startLiveReceiver,
  startLiveServer,
} from '../../packages/server/src/dialects/fixtures/live.ts'
import { basic, createSession } from '../../packages/server/src/dialects/tripletex/fixtures/client.ts'
import { routesOf } from './described-route.ts'
import { routesOfDialects } from './dialect-routes.ts'

/** Whatever changes something leaves an entry in the audit log, by whichever route it came. */

interface World {
  readonly server: LiveServer
  readonly receiver: LiveReceiver
  readonly integrationId: string
  readonly basic: string
  readonly credentials: { readonly clientId: string; readonly clientSecret: string }
  readonly token: string
  readonly tripletex: string
  /** Ids that earlier steps made. */
  readonly ids: Record<string, string>
}

interface Step {
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Whose call it is; absent: the operator's. */
  readonly as?: string
  /** Where the answer's id is kept, as `ids[keep]`. */
  readonly keep?: string
  readonly idOf?: (json: { readonly id?: unknown; readonly value?: { readonly id: unknown } }) => unknown
}

/** One right call for every route that is not a GET, in an order in which each has what it needs. */
const nativeSteps: Readonly<Record<string, (world: World) => Step>> = {
  'POST /v1/tenants': () => ({ path: '/v1/tenants', body: { id: 7, name: 'Seven' } }),
  'PATCH /v1/tenants/{id}': () => ({ path: '/v1/tenants/7', body: { name: 'Sept' } }),
  'DELETE /v1/tenants/{id}': () => ({ path: '/v1/tenants/7' }),
  'POST /v1/integrations': () => ({ path: '/v1/integrations', body: { name: 'Other' }, keep: 'integration' }),
  'POST /v1/integrations/{id}/rotate-secret': ({ ids }) => ({
    path: `/v1/integrations/${ids.integration}/rotate-secret`,
    body: {},
  }),
  'POST /v1/integrations/{id}/tokens': ({ ids }) => ({
    path: `/v1/integrations/${ids.integration}/tokens`,
    body: { tenantId: 29302 },
    keep: 'token',
  }),
  'DELETE /v1/integrations/{id}/tokens/{tokenId}': ({ ids }) => ({
    path: `/v1/integrations/${ids.integration}/tokens/${ids.token}`,
  }),
  'POST /v1/portal-links': ({ integrationId }) => ({ path: '/v1/portal-links', body: { integrationId } }),
  'POST /v1/sign-in-links': () => ({ path: '/v1/sign-in-links', body: {} }),
  'POST /v1/session': ({ credentials, basic }) => ({ path: '/v1/session', body: credentials, as: basic }),
  'DELETE /v1/session': ({ ids, basic }) => ({
    path: '/v1/session',
    headers: { cookie: ids.cookie!, 'x-tidings-session': '1' },
    as: basic,
  }),
  'DELETE /v1/streams/{id}': ({ ids }) => ({ path: `/v1/streams/${ids.stream}` }),
  'DELETE /v1/integrations/{id}': ({ ids }) => ({ path: `/v1/integrations/${ids.integration}` }),
  'POST /v1/keys': () => ({ path: '/v1/keys', body: { kind: 'pub' }, keep: 'key' }),
  'DELETE /v1/keys/{id}': ({ ids }) => ({ path: `/v1/keys/${ids.key}` }),
  'POST /v1/event-types': () => ({ path: '/v1/event-types', body: { type: 'boat.sold', topic: 'boats' } }),
  'PUT /v1/event-types/{type}': () => ({ path: '/v1/event-types/boat.sold', body: { topic: 'ships' } }),
  'DELETE /v1/event-types/{type}': () => ({ path: '/v1/event-types/boat.sold' }),
  'POST /v1/subscriptions': ({ receiver, basic }) => ({
    path: '/v1/subscriptions',
    body: { endpoint: { url: receiver.url }, types: ['invoice.*'] },
    as: basic,
    keep: 'subscription',
  }),
  'POST /v1/subscriptions/try': ({ receiver, basic }) => ({
    path: '/v1/subscriptions/try',
    body: { endpoint: { url: receiver.url }, types: ['invoice.*'] },
    as: basic,
  }),
  'PATCH /v1/subscriptions/{id}': ({ ids, basic }) => ({
    path: `/v1/subscriptions/${ids.subscription}`,
    body: { description: 'x' },
    as: basic,
  }),
  'POST /v1/subscriptions/{id}/rotate-secret': own('rotate-secret'),
  'POST /v1/subscriptions/{id}/test': own('test'),
  'POST /v1/subscriptions/{id}/rewind': own('rewind', { to: 'earliest' }),
  'POST /v1/subscriptions/{id}/catch-up/pause': own('catch-up/pause'),
  'POST /v1/subscriptions/{id}/catch-up/resume': own('catch-up/resume'),
  'POST /v1/subscriptions/{id}/catch-up/cancel': own('catch-up/cancel'),
  'POST /v1/deliveries/resend': ({ ids, basic }) => ({
    path: '/v1/deliveries/resend',
    body: { subscription: ids.subscription },
    as: basic,
  }),
  'POST /v1/resends/{id}/cancel': ({ ids, basic }) => ({ path: `/v1/resends/${ids.resend}/cancel`, as: basic }),
  'POST /v1/deliveries/{id}/resend': ({ ids, basic }) => ({ path: `/v1/deliveries/${ids.delivery}/resend`, as: basic }),
  'POST /v1/subscriptions/{id}/disable': own('disable'),
  'POST /v1/subscriptions/{id}/enable': own('enable'),
  'DELETE /v1/subscriptions/{id}': ({ ids, basic }) => ({ path: `/v1/subscriptions/${ids.subscription}`, as: basic }),
  'POST /v1/backup': () => {
    const directory = mkdtempSync(join(tmpdir(), 'tidings-audit-backup-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    return { path: '/v1/backup', body: { directory: join(directory, 'copy') } }
  },
}

function own(action: string, body: object = {}): (world: World) => Step {
  return ({ ids, basic }) => ({ path: `/v1/subscriptions/${ids.subscription}/${action}`, body, as: basic })
}

const moneybirdPath = '/api/v2/29302/webhooks'
const nxtPath = '/visma-nxt/v1'
/** The same for the routes of dialects. */
const dialectSteps: Readonly<Record<string, (world: World) => Step>> = {
  'tripletex POST /v2/event/subscription': ({ receiver, tripletex }) => ({
    path: '/v2/event/subscription',
    body: { event: 'product.create', targetUrl: receiver.url },
    as: tripletex,
    keep: 'tripletex',
    idOf: ({ value }) => value?.id,
  }),
  'tripletex PUT /v2/event/subscription/:id': ({ ids, tripletex }) => ({
    path: `/v2/event/subscription/${ids.tripletex}`,
    body: { status: 'DISABLED' },
    as: tripletex,
  }),
  'tripletex DELETE /v2/event/subscription/:id': ({ ids, tripletex }) => ({
    path: `/v2/event/subscription/${ids.tripletex}`,
    as: tripletex,
  }),
  'tripletex POST /v2/event/subscription/list': ({ receiver, tripletex }) => ({
    path: '/v2/event/subscription/list',
    body: [{ event: 'product.create', targetUrl: receiver.url }],
    as: tripletex,
    keep: 'listed',
    idOf: (json) => (json as unknown as { values: { id: number }[] }).values[0]?.id,
  }),
  'tripletex PUT /v2/event/subscription/list': ({ ids, tripletex }) => ({
    path: '/v2/event/subscription/list',
    body: [{ id: Number(ids.listed), status: 'DISABLED' }],
    as: tripletex,
  }),
  'tripletex DELETE /v2/event/subscription/list': ({ ids, tripletex }) => ({
    path: `/v2/event/subscription/list?ids=${ids.listed}`,
    as: tripletex,
  }),
  'tripletex DELETE /v2/token/session/:token': ({ ids, tripletex }) => ({
    path: `/v2/token/session/${ids.otherSession}`,
    as: tripletex,
  }),
  'moneybird POST /api/v2/:administration/webhooks': moneybirdCreate(''),
  'moneybird PATCH /api/v2/:administration/webhooks/:id/deactivate': moneybirdChange('/deactivate'),
  'moneybird PATCH /api/v2/:administration/webhooks/:id/activate': moneybirdChange('/activate'),
  'moneybird DELETE /api/v2/:administration/webhooks/:id': moneybirdChange(''),
  'moneybird POST /api/v2/:administration/webhooks.json': moneybirdCreate('.json'),
  'moneybird PATCH /api/v2/:administration/webhooks/:id/deactivate.json': moneybirdChange('/deactivate.json'),
  'moneybird PATCH /api/v2/:administration/webhooks/:id/activate.json': moneybirdChange('/activate.json'),
  'fakturownia POST /webhooks.json': ({ receiver, token }) => ({
    path: '/webhooks.json',
    body: { kind: 'invoice:create', url: receiver.url },
    as: `Bearer ${token}`,
    keep: 'fakturownia',
  }),
  'fakturownia PUT /webhooks/:file': ({ ids, token }) => ({
    path: `/webhooks/${ids.fakturownia}.json`,
    body: { active: false },
    as: `Bearer ${token}`,
  }),
  'fakturownia DELETE /webhooks/:file': ({ ids, token }) => ({
    path: `/webhooks/${ids.fakturownia}.json`,
    as: `Bearer ${token}`,
  }),
  [`visma-business-nxt POST ${nxtPath}/webhook-targets`]: ({ receiver, basic }) => ({
    path: `${nxtPath}/webhook-targets`,
    body: { url: receiver.url },
    as: basic,
    keep: 'target',
  }),
  [`visma-business-nxt PATCH ${nxtPath}/webhook-targets/:id`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-targets/${ids.target}`,
    body: { retryPolicy: { attempts: 3 } },
    as: basic,
  }),
  [`visma-business-nxt POST ${nxtPath}/webhook-targets/:id/rotate-signature-key`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-targets/${ids.target}/rotate-signature-key`,
    body: {},
    as: basic,
  }),
  [`visma-business-nxt POST ${nxtPath}/webhook-subscriptions`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-subscriptions`,
    body: { targetId: ids.target, tableIdentifier: 'Order' },
    as: basic,
    keep: 'row',
  }),
  [`visma-business-nxt PATCH ${nxtPath}/webhook-subscriptions/:id`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-subscriptions/${ids.row}`,
    body: { active: false },
    as: basic,
  }),
  [`visma-business-nxt DELETE ${nxtPath}/webhook-subscriptions/:id`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-subscriptions/${ids.row}`,
    as: basic,
  }),
  [`visma-business-nxt DELETE ${nxtPath}/webhook-targets/:id`]: ({ ids, basic }) => ({
    path: `${nxtPath}/webhook-targets/${ids.target}`,
    as: basic,
  }),
}

function moneybirdCreate(suffix: string): (world: World) => Step {
  return ({ receiver, token }) => ({
    path: `${moneybirdPath}${suffix}`,
    body: { url: receiver.url },
    as: `Bearer ${token}`,
    keep: 'moneybird',
  })
}

function moneybirdChange(action: string): (world: World) => Step {
  return ({ ids, token }) => ({ path: `${moneybirdPath}/${ids.moneybird}${action}`, as: `Bearer ${token}` })
}

async function start(): Promise<World> {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver(server.clock)
  const { id, clientId, clientSecret } = await server.operate('POST', '/v1/integrations', { name: 'App' })
  const { token } = await grantedTenant(server, { tenantId: 29302, integrationId: id })
  const session = () => createSession(server, { consumerToken: clientSecret, employeeToken: token, days: 5 })
  const world: World = {
    server,
    receiver,
    integrationId: id,
    credentials: { clientId, clientSecret },
    basic: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    token,
    tripletex: basic(0, await session()),
    ids: { otherSession: await session() },
  }
  return world
}

/** The newest entries, down to the one that was the newest before. */
async function entriesAfter({ server }: World, last: string | undefined) {
  const { items } = await server.operate('GET', '/v1/audit?limit=50')
  const texts = items.map((item: object) => JSON.stringify(item)) as string[]
  const end = last === undefined ? -1 : texts.indexOf(last)
  return { fresh: items.slice(0, end < 0 ? items.length : end), newest: texts[0] }
}

async function leavesEntries(
  world: World,
  steps: Readonly<Record<string, (world: World) => Step>>,
  templateOf: (key: string) => string,
): Promise<void> {
  let last = (await entriesAfter(world, undefined)).newest
  for (const [key, stepOf] of Object.entries(steps)) {
    const [method] = /\b(?:POST|PUT|PATCH|DELETE)\b/.exec(key)!
    if (key === 'POST /v1/deliveries/{id}/resend') world.ids.delivery = await failedDelivery(world)
    if (key === 'POST /v1/resends/{id}/cancel') world.ids.resend = await begunResend(world)
    if (key === 'DELETE /v1/session') world.ids.cookie = await signedIn(world)
    if (key === 'DELETE /v1/streams/{id}') world.ids.stream = await openStream(world)
    const { path, body, headers, as = `Bearer ${adminKey}`, keep, idOf } = stepOf(world)
    const options = { ...(headers ? { headers } : { authorization: as }), ...(body && { body }) }
    const answer = await world.server.call(method, path, options)
    expect([key, answer.status < 300, answer.text]).toEqual([key, true, answer.text])
    if (keep) world.ids[keep] = String(idOf ? idOf(answer.json) : answer.json.id)
    const { fresh, newest } = await entriesAfter(world, last)
    last = newest
    const requests = fresh.map(({ request }: { request: string }) => request)
    expect([key, requests]).toEqual([key, expect.arrayContaining([templateOf(key)])])
    const expected =
      as === `Bearer ${adminKey}` ? { kind: 'operator' } : { kind: 'integrator', id: world.integrationId }
    for (const { by, at, address } of fresh) {
      expect([key, by, address]).toEqual([key, expect.objectContaining(expected), '127.0.0.1'])
      expect(Date.parse(at)).toBeGreaterThan(0)
    }
  }
}

/** The cookie of a browser that has signed in as the integration. */
async function signedIn({ server, credentials }: World): Promise<string> {
  const { headers } = await server.call('POST', '/v1/session', { body: credentials })
  const kept = headers.getSetCookie().find((cookie) => !cookie.includes('Max-Age=0'))
  return kept!.split(';')[0]!
}

/** A stream that is there to be ended. */
async function openStream({ server, basic: authorization }: World): Promise<string> {
  await fetch(`${server.url}/v1/stream?topics=invoices`, { headers: { authorization } })
  return (await server.operate('GET', '/v1/streams')).items[0].id
}

async function begunResend({ server, ids, basic: authorization }: World): Promise<string> {
  const body = { subscription: ids.subscription }
  return (await server.call('POST', '/v1/deliveries/resend', { authorization, body })).json.id
}

/** A delivery that came to nothing, so that there is something to send again. */
async function failedDelivery({ server, receiver, basic: authorization }: World): Promise<string> {
  receiver.answer = 500
  const event = { tenantId: 29302, type: 'invoice.updated', entityId: '1' }
  await server.operate('POST', '/v1/events', event)
  for (;;) {
    const { items } = (await server.call('GET', '/v1/deliveries?status=undelivered', { authorization })).json
    if (items.length > 0) return items[0].id
  }
}

test('every native route that changes something', async () => {
  const world = await start()
  const document = (await world.server.call('GET', '/openapi.json')).json
  const changing = routesOf(document)
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/v1/'))
    .map(({ method, path }) => `${method} ${path}`)
    // Publishing is no administration: the log itself keeps it. A trial of a filter changes nothing.
    .filter((key) => key !== 'POST /v1/events' && key !== 'POST /v1/filters/try')
  expect(Object.keys(nativeSteps).sort()).toEqual(changing.sort())
  await leavesEntries(world, nativeSteps, (key) => key.replace(/\{(\w+)\}/g, ':$1'))
  const before = (await entriesAfter(world, undefined)).newest
  await world.server.operate('POST', '/v1/events', { tenantId: 29302, type: 'invoice.updated', entityId: '1' })
  await world.server.call('POST', '/v1/tenants', { token: adminKey, body: { id: 29302 } })
  await world.server.call('GET', '/v1/tenants', { token: adminKey })
  expect((await entriesAfter(world, before)).fresh).toEqual([])
}, 60_000)

test('every route of a dialect that changes something', async () => {
  const world = await start()
  const routes = await routesOfDialects()
  // What only refuses is registered, too; a session is made without anything being written, and a consent has its own test.
  const writing = routes
    .filter(({ method }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
    .map(({ dialect, method, url }) => `${dialect} ${method} ${url}`)
  for (const key of Object.keys(dialectSteps)) expect(writing).toContain(key)
  const left = writing.filter((key) => !Object.hasOwn(dialectSteps, key))
  for (const key of left) {
    const [, method = '', url = ''] = key.split(' ')
    if (key.startsWith('cloudevents ') || /\/token\/session\/:action$|:create/.test(url)) continue
    const path = url.replace(/:\w+/g, '1').replace('*', 'x')
    const authorization = key.startsWith('tripletex') ? world.tripletex : `Bearer ${world.token}`
    const answer = await world.server.call(method, path, { authorization, body: {} })
    expect([key, answer.status >= 400]).toEqual([key, true])
  }
  await leavesEntries(world, dialectSteps, (key) => key.slice(key.indexOf(' ') + 1))
}, 60_000)
