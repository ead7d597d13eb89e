import { afterEach, expect, test } from 'vitest'
import { startDeliveries } from './fixtures/delivery.ts'

const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const sum = (points: readonly (number | null)[]) => points.reduce<number>((total, point) => total + (point ?? 0), 0)

async function startWorld() {
  const world = await startDeliveries(endings)
  const series = (query: string, headers?: Record<string, string>) =>
    world.call('GET', `/v1/series?${query}`, undefined, headers)
  const total = async (query: string, headers?: Record<string, string>) =>
    sum(JSON.parse((await series(query, headers)).text).points)
  /** Settlements are written a moment after the receiver has answered. */
  const until = async (query: string, count: number) => {
    while ((await total(query)) !== count);
  }
  return { ...world, series, total, until }
}
const events = (count: number, type = 'invoice.updated') =>
  Array.from({ length: count }, (_, index) => ({ tenantId: 1, type, entityId: String(index) }))

test('what was published and delivered is told by minute and by hour, also after a restart', async () => {
  const { asIntegration, made, receiver, restart, series, subscribe, total, until } = await startWorld()
  const failing = await subscribe()
  await made('/v1/events', events(3))
  await until('metric=deliveries&outcome=failed', 3)
  receiver.status = 200
  const good = await subscribe({ types: ['customer.*'] })
  await made('/v1/events', events(4, 'customer.updated'))
  await until('metric=deliveries&outcome=delivered', 8)

  await restart()
  for (const range of ['1h', '24h', '14d']) expect(await total(`metric=published&range=${range}`)).toBe(7)
  expect(await total('metric=deliveries')).toBe(11)
  expect(await total('metric=deliveries&dialect=standard&range=14d')).toBe(11)
  expect(await total('metric=deliveries&dialect=tripletex')).toBe(0)
  expect(await total(`metric=deliveries&subscription=${failing.id}`)).toBe(7)
  expect(await total('metric=attempts&error=http_500')).toBe(3)
  expect(await total('metric=attempts')).toBe(11)

  const { status, text } = await series(`metric=latency_p50&subscription=${good.id}`, asIntegration)
  const { stepSeconds, from, points } = JSON.parse(text)
  expect({ status, stepSeconds, points: points.length }).toEqual({ status: 200, stepSeconds: 60, points: 60 })
  expect(Date.parse(from) % 60_000).toBe(0)
  expect(points.filter((point: number | null) => point !== null).length).toBeGreaterThan(0)
  expect(points.at(0)).toBeNull()
  expect(await total('metric=deliveries', asIntegration)).toBe(11)
  expect(await total('metric=deliveries&dialect=standard', asIntegration)).toBe(11)
})

test('an integration sees what is its own, and by an access token what the token shows', async () => {
  const { asIntegration, made, call, receiver, series, subscribe, total, until } = await startWorld()
  receiver.status = 200
  const whole = await subscribe()
  await made('/v1/events', events(2))
  await until('metric=deliveries', 2)
  const other = await made('/v1/integrations', { name: 'other' })
  const { accessToken } = await made(`/v1/integrations/${other.id}/tokens`, { tenantId: 1 })
  const asOther = { authorization: `Bearer ${accessToken}` }
  expect(await total('metric=deliveries', asOther)).toBe(0)
  expect((await series(`metric=deliveries&subscription=${whole.id}`, asOther)).status).toBe(404)
  for (const caller of [asOther, asIntegration]) {
    const refused = await series('metric=published', caller)
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'forbidden'])
  }
  expect((await series('metric=streams', asOther)).status).toBe(403)
  expect((await series('metric=streams', asIntegration)).status).toBe(200)
  const body = { endpoint: { url: receiver.url }, types: ['invoice.*'] }
  expect((await call('POST', '/v1/subscriptions', body, asOther)).status).toBe(201)
  await made('/v1/events', [{ ...events(1)[0], entityId: 'of both' }])
  await until('metric=deliveries', 4)
  expect(await total('metric=deliveries', asOther)).toBe(1)
  expect(await total('metric=deliveries', asIntegration)).toBe(3)
})

test.each([
  [400, 'metric=published&outcome=failed', 'outcome'],
  [400, 'metric=deliveries&error=gone', 'error'],
  [400, 'metric=streams&dialect=standard', 'metric'],
  [422, 'metric=load', 'metric'],
  [422, 'range=2h&metric=deliveries', 'range'],
])('a question without an answer is refused by name, with %i: %s', async (expected, query, name) => {
  const { series } = await startWorld()
  const { status, text } = await series(query)
  expect(status).toBe(expected)
  expect(text).toContain(name)
})
