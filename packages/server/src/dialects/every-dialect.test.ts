import { expect, test } from 'vitest'
import { userAgent } from '../send/http1/user-agent.ts'
import { dialects } from './dialects.ts'
import { adminKey, grantedTenant, startLiveReceiver, startLiveServer } from './fixtures/live.ts'

/** One mechanism: whatever a subscription's dialect, one event reaches it, and one list shows its deliveries. */

const webhookDialects = dialects.filter(({ webhook }) => webhook !== null).map(({ name }) => name)

/** How each dialect says that it is this event of this entity. */
const says: Readonly<Record<string, RegExp>> = {
  standard: /"type":"product\.created".*"entityId":"3817"/,
  cloudevents: /"type":"product\.created".*"subject":"3817"/,
  tripletex: /"event":"product\.create","id":3817/,
  'visma-business-nxt': /"tableIdentifier":"Product".*"event":"INSERT"/,
  fakturownia: /"product":\{"id":3817/,
  moneybird: /"entity_id":"3817".*"action":"product_created"/,
}

test('one event, published once, reaches a subscription of each dialect, and all of its deliveries are listed', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  receiver.answer = ({ method }) => ({
    status: 200,
    ...(method === 'OPTIONS' ? { headers: { 'WebHook-Allowed-Origin': '*', 'WebHook-Allowed-Rate': '*' } } : {}),
  })
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  expect(Object.keys(says).sort()).toEqual([...webhookDialects].sort())

  const ids = new Map<string, string>()
  for (const dialect of webhookDialects) {
    const url = `${receiver.url}/${dialect}`
    const body = { dialect, types: ['product.created'], endpoint: { url } }
    const made = await server.call('POST', '/v1/subscriptions', { token, body })
    expect([dialect, made.status, made.text]).toEqual([dialect, 201, made.text])
    ids.set(made.json.id, dialect)
  }
  const asked = receiver.requests.length
  for (let count = 0; count < asked; count++) await receiver.next()

  await server.operate('POST', '/v1/events', {
    tenantId: 29302,
    type: 'product.created',
    entityId: '3817',
    data: { id: 3817, name: 'Hammer' },
  })
  for (const _ of webhookDialects) {
    const { path, body } = await receiver.next()
    const dialect = path.split('/').at(-1)!
    expect(body.toString('utf8')).toMatch(says[dialect]!)
  }
  expect(receiver.requests).toHaveLength(asked + webhookDialects.length)
  // Handshakes and deliveries: common firewalls refuse requests without one.
  expect(new Set(receiver.requests.map(({ headers }) => headers['user-agent']))).toEqual(new Set([userAgent]))

  for (const credentials of [{ token }, { token: adminKey }]) {
    const listed = await deliveriesOf(credentials, webhookDialects.length)
    expect(listed.sort()).toEqual(webhookDialects.map((dialect) => [dialect, 'delivered']).sort())
  }

  /** Once there are as many: an attempt is listed when its answer was read. */
  async function deliveriesOf(credentials: { token: string }, count: number) {
    for (;;) {
      const { items } = (await server.call('GET', '/v1/deliveries', credentials)).json
      if (items.length < count) continue
      return items.map(({ subscription, status }: { subscription: string; status: string }) => [
        ids.get(subscription),
        status,
      ])
    }
  }
})

test('a subscription’s own User-Agent takes the place of ours', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const endpoint = { url: receiver.url, headers: { 'User-Agent': 'Own/1' } }
  const body = { types: ['product.created'], endpoint }
  expect((await server.call('POST', '/v1/subscriptions', { token, body })).status).toBe(201)
  await server.operate('POST', '/v1/events', { tenantId: 29302, type: 'product.created', entityId: '3817' })
  expect((await receiver.next()).headers['user-agent']).toBe('Own/1')
})
