import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminKey, type Integration, nativeRoutes, type Reply, type Route, startWorld, type World } from './world.ts'

/** H55: whatever is another's is answered as what does not exist, and nothing of it changes. */

let world: World
let receiver: Server
let routes: Route[]
/** What stands for each path parameter: theirs, and something of the same form that does not exist. */
let theirs: Record<string, string>
let missing: Record<string, string>

beforeAll(async () => {
  world = await startWorld()
  receiver = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(500).end('no'))
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  routes = (await nativeRoutes(world)).filter(({ path }) => /\{(?:id|tokenId)\}/.test(path))

  const gone = await refusedDelivery(world.ours)
  const kept = await refusedDelivery(world.theirs)
  expect((await world.call('DELETE', `/v1/subscriptions/${gone.subscription}`, world.ours.basic)).status).toBe(204)
  const key = (await world.operate('POST', '/v1/keys', { kind: 'pub' })).json.id as string
  const resends = await endedResend(kept.subscription)
  const streams = await openStream()
  theirs = {
    tenants: String(world.theirs.tenantId),
    integrations: world.theirs.id,
    tokens: world.theirs.tokenId,
    keys: key,
    subscriptions: kept.subscription,
    deliveries: kept.delivery,
    events: kept.event,
    resends,
    streams,
  }
  missing = {
    tenants: '999999',
    integrations: otherThan(world.theirs.id),
    tokens: otherThan(world.theirs.tokenId),
    keys: otherThan(key),
    subscriptions: gone.subscription,
    deliveries: gone.delivery,
    events: otherThan(kept.event),
    resends: otherThan(resends),
    streams: otherThan(streams),
  }
})
afterAll(async () => {
  await world.close()
  receiver.close()
})

/** A subscription with one delivery, which failed once and waits for a day: nothing of it changes by itself. */
async function refusedDelivery(
  integration: Integration,
): Promise<{ subscription: string; delivery: string; event: string }> {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  const { id } = (
    await world.call('POST', '/v1/subscriptions', integration.basic, {
      endpoint: { url },
      types: ['*'],
      retry: { delaysSeconds: [86_400] },
    })
  ).json
  const attempted = once(receiver, 'request')
  const event = { tenantId: integration.tenantId, type: 'invoice.updated', entityId: 'secret' }
  const published = await world.call('POST', '/v1/events', `Bearer ${world.publisherKey}`, event)
  await attempted
  await answered(
    `/v1/subscriptions/${id}/stats`,
    integration,
    ({ behind, waiting, inFlight }) => behind === 0 && waiting === 1 && inFlight === 0,
  )
  const { json } = await world.call('GET', `/v1/deliveries?subscription=${id}`, integration.basic)
  return { subscription: id, delivery: json.items[0].id, event: published.json.events[0].id }
}

/** Asks until the answer is as it stays, so that nothing but a request can change it. */
async function answered(
  path: string,
  { basic }: Integration,
  isSettled: (json: Record<string, unknown>) => boolean,
): Promise<void> {
  while (!isSettled((await world.call('GET', path, basic)).json));
}

/** One that has ended: it found nothing that failed. */
async function endedResend(subscription: string): Promise<string> {
  const response = await fetch(`${world.server.url}/v1/deliveries/resend`, {
    method: 'POST',
    headers: { authorization: world.theirs.basic, 'content-type': 'application/json' },
    body: JSON.stringify({ subscription }),
  })
  expect(response.status).toBe(202)
  const { id } = (await response.json()) as { id: string }
  await answered(`/v1/resends/${id}`, world.theirs, ({ status }) => status === 'done')
  return id
}

/** Kept, because `fetch` closes the connection of an answer that is collected as garbage. */
const openAnswers: Response[] = []

/** A stream that stays open until somebody ends it. */
async function openStream(): Promise<string> {
  const answer = await fetch(`${world.server.url}/v1/stream?topics=invoices`, {
    headers: { authorization: world.theirs.basic },
  })
  openAnswers.push(answer)
  const { json } = await world.call('GET', '/v1/streams', world.theirs.basic)
  return json.items[0].id
}

function otherThan(id: string): string {
  return `${id.slice(0, -4)}${id.endsWith('0000') ? '1111' : '0000'}`
}

/** Bodies that the routes take, so that nothing but the id can be wrong. */
const bodies: Record<string, unknown> = {
  'PATCH /v1/tenants/{id}': { name: 'renamed' },
  'POST /v1/integrations/{id}/rotate-secret': {},
  'POST /v1/integrations/{id}/tokens': { tenantId: 202 },
  'PATCH /v1/subscriptions/{id}': { description: 'changed' },
  'POST /v1/subscriptions/{id}/disable': {},
  'POST /v1/subscriptions/{id}/enable': { from: 'now' },
  'POST /v1/subscriptions/{id}/rewind': { to: 'earliest' },
  'POST /v1/subscriptions/{id}/rotate-secret': { overlapSeconds: 60 },
  'POST /v1/subscriptions/{id}/test': { type: 'invoice.updated' },
  'POST /v1/deliveries/{id}/resend': {},
  'POST /v1/resends/{id}/cancel': {},
}

function call({ method, path }: Route, ids: Record<string, string>, authorization: string): Promise<Reply> {
  const resource = path.split('/')[2]!
  const url = path.replace('{id}', ids[resource]!).replace('{tokenId}', ids.tokens!)
  // The one route of a subscription that names an event as well.
  const query = path === '/v1/subscriptions/{id}/explain' ? `?event=${ids.events}` : ''
  return world.call(method, url + query, authorization, bodies[`${method} ${path}`])
}

/** An answer without what tells one request from another. */
function shape(reply: Reply, ids: Record<string, string>): string {
  return Object.values(ids).reduce((text, id) => text.replaceAll(id, '…'), `${reply.status} ${reply.text}`)
}

async function state(): Promise<string[]> {
  const { integrations, subscriptions, deliveries } = theirs
  const ofOperator = [
    '/v1/tenants',
    '/v1/integrations',
    `/v1/integrations/${integrations}/tokens`,
    '/v1/keys',
    '/v1/event-types',
    '/v1/subscriptions',
    `/v1/subscriptions/${subscriptions}/stats`,
    '/v1/deliveries',
    '/v1/resends',
    `/v1/deliveries/${deliveries}/attempts`,
  ]
  return Promise.all(ofOperator.map(async (path) => (await world.operate('GET', path)).text))
}

describe('H55 ids of others', () => {
  test('on every route and method: as if there were no such thing', async () => {
    expect(routes.length).toBeGreaterThan(20)
    const before = await state()
    for (const credential of [world.ours.basic, `Bearer ${world.ours.accessToken}`]) {
      for (const route of routes) {
        const place = `${route.method} ${route.path}`
        const reply = await call(route, theirs, credential)
        expect([place, reply.status]).toEqual([place, expect.toBeOneOf([403, 404])])
        expect([place, shape(reply, theirs)]).toEqual([place, shape(await call(route, missing, credential), missing)])
      }
    }
    expect(await state()).toEqual(before)
  })

  test.each<[string, string, (id: string, tenantId: string) => unknown]>([
    ['GET', '/v1/deliveries?subscription=', () => undefined],
    ['POST', '/v1/deliveries/resend', (subscription) => ({ subscription })],
    ['GET', '/v1/topics/invoices/events?tenants=', () => undefined],
    [
      'POST',
      '/v1/subscriptions',
      (_, tenantId) => ({ endpoint: { url: 'http://127.0.0.1:9/' }, types: ['*'], tenants: [Number(tenantId)] }),
    ],
    [
      'POST',
      '/v1/subscriptions',
      (_, tenantId) => ({
        endpoint: { url: 'http://127.0.0.1:9/' },
        types: ['*'],
        tenants: { subtree: Number(tenantId) },
      }),
    ],
  ])('named in a query or a body: %s %s', async (method, path, bodyOf) => {
    const ask = (ids: Record<string, string>) => {
      const end = path.endsWith('subscription=') ? ids.subscriptions : path.endsWith('tenants=') ? ids.tenants : ''
      return world.call(method, path + end, world.ours.basic, bodyOf(ids.subscriptions!, ids.tenants!))
    }
    const before = await state()
    const reply = await ask(theirs)
    expect(shape(reply, theirs)).toBe(shape(await ask(missing), missing))
    expect(reply.text).not.toContain('secret')
    expect(await state()).toEqual(before)
  })

  test('nothing of theirs is in a list of ours', async () => {
    for (const credential of [world.ours.basic, `Bearer ${world.ours.accessToken}`]) {
      for (const path of [
        '/v1/subscriptions',
        '/v1/deliveries',
        '/v1/resends',
        '/v1/topics/invoices/events?limit=1000',
      ]) {
        const { text, status } = await world.call('GET', path, credential)
        expect(status).toBe(200)
        expect(text).not.toContain(theirs.subscriptions)
        expect(text).not.toContain(theirs.deliveries)
        expect(text).not.toContain(theirs.resends)
        expect(text).not.toContain('"tenantId":202')
      }
    }
  })

  test('the same requests by those who may: they were right but for the id', async () => {
    const isOperators = ({ path }: Route) => /^\/v1\/(?:tenants|integrations|keys)/.test(path)
    const rank = ({ method, path }: Route) =>
      method !== 'DELETE'
        ? 0
        : ['/tokens/', '/subscriptions', '/keys', '/integrations', '/tenants'].findIndex((part) =>
            path.includes(part),
          ) + 1
    for (const route of routes.toSorted((a, b) => rank(a) - rank(b))) {
      const credential = isOperators(route) ? `Bearer ${adminKey}` : world.theirs.basic
      // It would take away the credential that the rest is asked with.
      const reply =
        route.path.endsWith('{id}/rotate-secret') && isOperators(route) ? null : await call(route, theirs, credential)
      if (reply)
        expect([route.method, route.path, reply.status]).toEqual([
          route.method,
          route.path,
          expect.toBeOneOf([200, 201, 202, 204]),
        ])
    }
  })
})
