import { afterEach, expect, it } from 'vitest'
import { startDeliveries } from './delivery-fixture.ts'

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
  return { ...world, subscription, undelivered }
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

it('exports what a subscription missed, and sends it again by filter', async () => {
  const { call, made, subscription, receiver, undelivered } = await startWorld()
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
  expect(linesOf((await call('POST', '/v1/deliveries/resend', filter)).text).at(-1)).toEqual({ resent: 3, done: true })
  await receiver.until(() => receiver.accepted.length === 3)
  const invoices = missed.filter(({ type }) => type === 'invoice.updated').map(({ id }) => id)
  expect(receiver.accepted.map(({ id }) => id).sort()).toEqual(invoices.sort())
  const left = await undelivered(3)
  expect(left.map(({ type }) => type)).toEqual(Array(3).fill('customer.updated'))
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
