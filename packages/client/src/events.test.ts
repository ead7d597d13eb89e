import { expect, test } from 'vitest'
import { json, problem, scripted } from './http-fixture.ts'
import { Tidings } from './tidings.ts'

test('an event comes with its deliveries and with every digit of its text', async () => {
  const text = '{"id":"inv/7","tenantId":116015326147118082,"data":{"total":0.10},"deliveries":[{"id":"dlv_1"}]}'
  await using server = await scripted((response) => response.end(text))
  const event = await new Tidings({ url: server.url }).events.get('inv/7', { tenant: 116015326147118082n })
  expect(event).toMatchObject({ id: 'inv/7', tenantId: 116015326147118082n, deliveries: [{ id: 'dlv_1' }] })
  expect(event.raw).toBe(text)
  expect(server.requests[0]!.url).toBe('/v1/events/inv%2F7?tenant=116015326147118082')
})

test('explanations are read page after page', async () => {
  const of = (subscription: string) => ({ subscription, reason: 'quiet' })
  await using server = await scripted(
    json({ items: [of('sub_1'), of('sub_2')], next: 'more' }),
    json({ items: [of('sub_3')], next: null }),
  )
  const { events } = new Tidings({ url: server.url })
  const found = await Array.fromAsync(events.explain('inv-1'))
  expect(found.map(({ subscription }) => subscription)).toEqual(['sub_1', 'sub_2', 'sub_3'])
  expect(server.requests.map(({ url }) => url)).toEqual([
    '/v1/events/inv-1/explain',
    '/v1/events/inv-1/explain?cursor=more',
  ])
})

test('one subscription is asked about, and a refusal keeps its code', async () => {
  await using server = await scripted(json({ reason: 'filtered' }), problem(404, 'not_found'))
  const { subscriptions } = new Tidings({ url: server.url })
  expect(await subscriptions.explain('sub_1', 'invoices:AbC', { tenant: 1 })).toEqual({ reason: 'filtered' })
  expect(server.requests[0]!.url).toBe('/v1/subscriptions/sub_1/explain?event=invoices%3AAbC&tenant=1')
  await expect(subscriptions.explain('sub_1', 'nobody')).rejects.toMatchObject({ code: 'not_found' })
})

test('deliveries of one event name its tenant as the server asks for it', async () => {
  await using server = await scripted(json({ items: [], next: null }))
  const { deliveries } = new Tidings({ url: server.url })
  await deliveries.page({ event: 'inv-1', tenants: [2], entity: '7' })
  await deliveries.page({ tenants: [2, 3] })
  const query = (at: number) => Object.fromEntries(new URL(server.requests[at]!.url, server.url).searchParams)
  expect(query(0)).toEqual({ event: 'inv-1', tenant: '2', entity: '7' })
  expect(query(1)).toEqual({ tenants: '2,3' })
})
