import { afterEach, expect, it } from 'vitest'
import { startDeliveries } from './fixtures/delivery.ts'

const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function startWorld() {
  const world = await startDeliveries(endings)
  const subscription = await world.subscribe()
  /** The undelivered ones, once there are so many: an attempt ends a little after its receiver was asked. */
  const undelivered = async (count: number) => {
    const path = `/v1/deliveries?subscription=${subscription.id}&status=undelivered`
    for (;;) {
      const { items } = await world.read(path)
      if (items.length === count) return items as { readonly type: string }[]
    }
  }
  /** A bulk resend, once it is over. */
  const ended = async (id: string) => {
    for (;;) {
      const resend = await world.read(`/v1/resends/${id}`)
      if (resend.status !== 'running') return resend
    }
  }
  const resentBy = async (filter: object) =>
    ended(JSON.parse((await world.call('POST', '/v1/deliveries/resend', filter)).text).id)
  return { ...world, subscription, undelivered, ended, resentBy }
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

it('exports what a subscription missed, and sends it again by filter', async () => {
  const { call, made, resentBy, subscription, receiver, undelivered } = await startWorld()
  const events = Array.from({ length: 6 }, (_, index) => ({
    tenantId: 1,
    type: index % 2 === 0 ? 'invoice.updated' : 'customer.updated',
    entityId: String(index),
  }))
  await made('/v1/events', events)
  await receiver.until(() => receiver.requests === 6)
  await undelivered(6)

  const ndjson = { accept: 'application/x-ndjson' }
  const missed = linesOf(
    (await call('GET', `/v1/deliveries?subscription=${subscription.id}&status=undelivered`, undefined, ndjson)).text,
  )
  expect(missed.map(({ entityId }) => entityId).sort()).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(missed.every(({ status, lastAttempt }) => status === 'failed' && lastAttempt.error === 'http_500')).toBe(true)
  const none = await call('GET', `/v1/deliveries?subscription=${subscription.id}&error=http_404`, undefined, ndjson)
  expect(none.text).toBe('')

  receiver.status = 200
  const filter = { subscription: subscription.id, types: ['invoice.*'], error: 'http_500' }
  expect(await resentBy(filter)).toMatchObject({ status: 'done', resent: 3 })
  await receiver.until(() => receiver.accepted.length === 3)
  const invoices = missed.filter(({ type }) => type === 'invoice.updated').map(({ id }) => id)
  expect(receiver.accepted.map(({ id }) => id).sort()).toEqual(invoices.sort())
  const left = await undelivered(3)
  expect(left.map(({ type }) => type)).toEqual(Array(3).fill('customer.updated'))
})

it('lists by every filter, page by page', async () => {
  const { made, read, subscription, receiver, undelivered } = await startWorld()
  await made('/v1/tenants', { id: 2 })
  await made(`/v1/integrations/${subscription.integrationId}/tokens`, { tenantId: 2 })
  const events = Array.from({ length: 12 }, (_, index) => ({
    tenantId: index % 4 === 0 ? 2 : 1,
    type: index % 3 === 0 ? 'invoice.updated' : 'customer.updated',
    entityId: String(index),
  }))
  await made('/v1/events', events)
  await receiver.until(() => receiver.requests === 12)
  await undelivered(12)
  const found = async (query: string) => {
    const ids: number[] = []
    let cursor = ''
    do {
      const page = await read(`/v1/deliveries?subscription=${subscription.id}&${query}${cursor}`)
      ids.push(...page.items.map(({ entityId }: { entityId: string }) => Number(entityId)))
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    return ids.sort((a, b) => a - b)
  }
  const soon = new Date(Date.now() + 3_600_000).toISOString()
  for (const limit of ['', '&limit=1', '&limit=2', '&limit=3']) {
    expect(await found(`types=invoice.*${limit}`)).toEqual([0, 3, 6, 9])
    expect(await found(`tenants=2${limit}`)).toEqual([0, 4, 8])
    expect(await found(`types=invoice.*&tenants=1&error=http_500${limit}`)).toEqual([3, 6, 9])
    expect(await found(`error=http_404${limit}`)).toEqual([])
    expect(await found(`since=${soon}${limit}`)).toEqual([])
    expect(await found(`until=${soon}${limit}`)).toHaveLength(12)
  }
})

it('goes on with a resend after a restart, and shows how far it is', async () => {
  const { call, ended, made, read, resentBy, restart, subscription, receiver, undelivered } = await startWorld()
  const events = Array.from({ length: 12 }, (_, index) => ({
    tenantId: 1,
    type: index % 2 === 0 ? 'invoice.updated' : 'customer.updated',
    entityId: String(index),
  }))
  await made('/v1/events', events)
  await receiver.until(() => receiver.requests === 12)
  await undelivered(12)
  receiver.status = 200
  const filter = { subscription: subscription.id, types: ['invoice.*'], tenants: [1] }
  const begun = await call('POST', '/v1/deliveries/resend', filter)
  expect(begun.status).toBe(202)
  const resend = JSON.parse(begun.text)
  expect(begun.headers.get('location')).toBe(`/v1/resends/${resend.id}`)
  expect(resend).toMatchObject({ status: 'running', filter: { ...filter, status: 'failed' }, endedAt: null })
  await restart()
  const now = await ended(resend.id)
  await receiver.until(() => receiver.accepted.length === 6)
  await undelivered(6)
  expect(receiver.requests).toBe(18)
  expect(now).toMatchObject({ status: 'done', matched: 6, resent: 6, skipped: 0, endedAt: expect.any(String) })

  const second = await resentBy(filter)
  expect(second).toMatchObject({ status: 'done', resent: 0 })
  const first = await read('/v1/resends?limit=1')
  expect([first.items, typeof first.next]).toEqual([[now], 'string'])
  const last = await read(`/v1/resends?limit=1&cursor=${first.next}`)
  expect([last.items[0].id, last.next]).toEqual([second.id, null])
  const cancelled = await call('POST', `/v1/resends/${resend.id}/cancel`)
  expect([cancelled.status, JSON.parse(cancelled.text)]).toEqual([200, now])
  expect((await call('GET', '/v1/resends/rsd_unknown')).status).toBe(404)
})

it('says what is wrong with a filter', async () => {
  const { call, subscription } = await startWorld()
  const refused = async (body: object) =>
    (await call('POST', '/v1/deliveries/resend', { subscription: subscription.id, ...body })).status
  expect(await refused({ types: ['no pattern'] })).toBe(400)
  expect(await refused({ since: 'yesterday' })).toBe(400)
  expect(await refused({ status: 'lost' })).toBe(400)
  expect((await call('POST', '/v1/deliveries/resend', { subscription: 'sub_unknown' })).status).toBe(404)
})

it('keeps the headers of an answer that was not accepted, and of no other', async () => {
  const { made, read, call, subscription, receiver, undelivered } = await startWorld()
  await made('/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: '1' })
  await undelivered(1)
  const [{ id }] = (await read(`/v1/deliveries?subscription=${subscription.id}`)).items
  const attempts = async () => (await read(`/v1/deliveries/${id}/attempts`)).items
  const [failed] = await attempts()
  expect(failed.headers).toContainEqual({ name: 'date', value: expect.stringMatching(/ GMT$/) })

  receiver.status = 200
  await call('POST', `/v1/deliveries/${id}/resend`)
  await receiver.until(() => receiver.accepted.length === 1)
  await expect.poll(async () => (await attempts()).length).toBe(2)
  expect((await attempts()).map(({ headers }: { headers: unknown }) => headers === null)).toEqual([false, true])
})
