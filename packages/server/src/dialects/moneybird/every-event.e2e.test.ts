import { expect, test } from 'vitest'
import list from '../../catalogue/fixtures/moneybird-events.json' with { type: 'json' }
import { bodyOf, publish, start, subscribe } from './fixtures/client.ts'

test('without enabled_events a sales invoice is told of whenever its state changes, and nothing else is', async () => {
  const setting = await start()
  const { server, receiver } = setting
  for (const enabledEvents of [undefined, []]) {
    const webhook = await subscribe(setting, enabledEvents)
    expect(webhook.enabled_events).toEqual([])
    await publish(server, 'invoice.updated')
    await publish(server, 'external-invoice.state-changed-to-late')
    await publish(server, 'invoice.state-changed-to-pending-payment')
    expect(bodyOf(await receiver.next())).toMatchObject({
      action: 'sales_invoice_state_changed_to_pending_payment',
      state: 'pending_payment',
    })
    await setting.api('DELETE', `/29302/webhooks/${webhook.id}`)
  }
})

test('all 343 events can be subscribed to by name and by group, published, and are received', async () => {
  const setting = await start()
  const { server, receiver, api } = setting
  const byName = await subscribe(setting, list.events)
  const byGroup = await subscribe(setting, list.groups)
  const types = (await server.operate('GET', '/v1/event-types?dialect=moneybird&limit=500')).items as {
    type: string
    names: { moneybird: string }
  }[]
  expect(types.map(({ names }) => names.moneybird).sort()).toEqual([...list.events].sort())
  for (let at = 0; at < types.length; at += 100) {
    await server.operate(
      'POST',
      '/v1/events',
      types.slice(at, at + 100).map(({ type }) => ({ tenantId: 29302, type, entityId: type })),
    )
  }
  const received = new Map<string, string[]>([
    [byName.id, []],
    [byGroup.id, []],
  ])
  // An event that is in no group reaches the webhook with the names alone.
  const grouped = list.events.filter((name) =>
    list.groups.some((group) => name === group || name.startsWith(`${group}_`)),
  )
  for (let count = 0; count < list.events.length + grouped.length; count++) {
    const push = bodyOf(await receiver.next())
    expect(push.entity_type).toMatch(/^[A-Z]\w+$/)
    received.get(push.webhook_id)!.push(push.action)
  }
  expect(received.get(byName.id)!.sort()).toEqual([...list.events].sort())
  expect(received.get(byGroup.id)!.sort()).toEqual([...grouped].sort())
  expect((await api('GET', '/29302/webhooks')).json).toHaveLength(2)
})

test('a type that comes into a group later is in the webhooks of the group from its first event on', async () => {
  const setting = await start()
  const { server, receiver, token } = setting
  const webhook = await subscribe(setting, ['contact'])
  const [{ id }] = (await server.operate('GET', '/v1/subscriptions')).items
  const define = (name: string) =>
    server.operate('POST', '/v1/event-types', {
      type: `contact.${name}`,
      topic: 'contacts',
      names: { moneybird: `contact_${name}` },
      details: { moneybird: { entityType: 'Contact', groups: ['contact'] } },
    })
  await define('greeted')
  await publish(server, 'contact.greeted')
  expect(bodyOf(await receiver.next())).toMatchObject({ webhook_id: webhook.id, action: 'contact_greeted' })
  expect((await setting.api('GET', '/29302/webhooks')).json[0].enabled_events).toEqual(['contact'])
  const native = () => server.call('GET', `/v1/subscriptions/${id}`, { token })
  await expect.poll(async () => (await native()).json.types).toContain('contact.greeted')

  // What is chosen natively is no group any more.
  const changed = await server.call('PATCH', `/v1/subscriptions/${id}`, { token, body: { types: ['contact.created'] } })
  expect(changed.json.types).toEqual(['contact.created'])
  await define('waved')
  await publish(server, 'contact.waved')
  await publish(server, 'contact.created')
  expect(bodyOf(await receiver.next())).toMatchObject({ action: 'contact_created' })
  expect((await setting.api('GET', '/29302/webhooks')).json[0].enabled_events).toEqual(['contact_created'])
})
