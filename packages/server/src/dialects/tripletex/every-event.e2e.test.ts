import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import { startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { tripletexClient } from './fixtures/client.ts'

const eventNames: string[] = JSON.parse(
  readFileSync(new URL('../../catalogue/fixtures/tripletex-events.json', import.meta.url), 'utf8'),
)

test('all event names can be subscribed to, published and received', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const client = await tripletexClient(server, { tenantId: 1 })
  expect(eventNames).toHaveLength(40)
  const listed = await server.call('GET', '/v2/event')
  expect(Object.keys(listed.json.value).sort()).toEqual([...eventNames].sort())

  const made = await client.call(
    'POST',
    '/v2/event/subscription/list',
    eventNames.map((event) => ({ event, targetUrl: receiver.url })),
  )
  expect(made.status).toBe(201)
  const idOf = new Map(made.json.values.map(({ id, event }: { id: number; event: string }) => [event, id]))
  const catalogue = builtinCatalogue(new Set(['standard']))
  await server.operate(
    'POST',
    '/v1/events',
    eventNames.map((name, index) => ({
      tenantId: 1,
      type: catalogue.byName('tripletex', name)!.type,
      entityId: String(index),
      data: { id: index },
    })),
  )
  const got = new Map<string, { subscriptionId: number; id: number; value: unknown }>()
  while (got.size < 40) {
    const { event, ...rest } = JSON.parse((await receiver.next()).body.toString())
    got.set(event, rest)
  }
  for (const [index, name] of eventNames.entries()) {
    const value = name.endsWith('.delete') ? null : { id: index }
    expect([name, got.get(name)]).toEqual([name, { subscriptionId: idOf.get(name), id: index, value }])
  }
})

test('an event is described with an example that looks like its deliveries', async () => {
  const server = await startLiveServer()
  const client = await tripletexClient(server, { tenantId: 1 })
  const open = await server.call('GET', '/v2/event')
  expect(open.json.value['product.create']).toEqual({ description: 'Product created', payloadModel: 'Product' })
  expect(open.json.value['order.delete']).toEqual({ description: 'Order deleted' })
  for (const name of eventNames) {
    const { status, json } = await client.call('GET', `/v2/event/${name.toUpperCase()}`)
    expect([name, status]).toEqual([name, 200])
    expect(json.value).toMatchObject({ name, description: expect.any(String) })
    expect(Object.keys(json.value)).toEqual(['name', 'description', 'payloadModel', 'examples'])
    const [example] = json.value.examples
    expect(Object.keys(example)).toEqual(['subscriptionId', 'event', 'id', 'value'])
    expect(example.value === null).toBe(json.value.payloadModel === null)
  }
})
