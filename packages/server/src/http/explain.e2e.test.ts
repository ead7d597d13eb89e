import { afterEach, expect, it } from 'vitest'
import { startDeliveries } from './fixtures/delivery.ts'

const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

async function startWorld() {
  const world = await startDeliveries(endings)
  const refused = async (path: string, authorization?: string) => {
    const { status, text } = await world.call('GET', path, undefined, authorization ? { authorization } : {})
    return { status, ...JSON.parse(text) }
  }
  const publish = async (event: object) => {
    const { events } = await world.made('/v1/events', { type: 'invoice.updated', tenantId: 1, entityId: '7', ...event })
    return events[0] as { id: string; topic: string; offset: string }
  }
  const explain = (subscription: { id: string }, event: string) =>
    world.read(`/v1/subscriptions/${subscription.id}/explain?event=${encodeURIComponent(event)}`)
  /** The explanation, once its reason is this one: an attempt ends a little after its receiver was asked. */
  const explained = async (subscription: { id: string }, event: string, reason: string) => {
    for (;;) {
      const answer = await explain(subscription, event)
      if (answer.reason === reason) return answer
    }
  }
  return { ...world, refused, publish, explain, explained }
}

it('finds an event by each of its names, with its deliveries and every digit', async () => {
  const { call, read, publish, subscribe, explained, receiver } = await startWorld()
  receiver.status = 200
  const subscription = await subscribe()
  const text =
    '{"tenantId":1,"type":"invoice.updated","entityId":"7","id":"inv/7 å","data":{"total":12345678901234567.89}}'
  const published = JSON.parse((await call('POST', '/v1/events', text)).text).events[0]
  await explained(subscription, 'inv/7 å', 'delivered')
  const own = await publish({})
  const names = ['inv/7 å', `invoices:${published.offset}`]
  for (const name of names) {
    const event = await read(`/v1/events/${encodeURIComponent(name)}`)
    expect(event).toMatchObject({ id: 'inv/7 å', topic: 'invoices', offset: published.offset, tenantId: 1 })
    expect(event.deliveries).toMatchObject([
      { subscription: subscription.id, status: 'delivered', event: { id: 'inv/7 å', entityId: '7', tenantId: 1 } },
    ])
  }
  expect(await read(`/v1/events/${own.id}`)).toMatchObject({ id: own.id, offset: own.offset })
  expect((await call('GET', `/v1/events/${encodeURIComponent('inv/7 å')}`)).text).toContain('12345678901234567.89')
})

it('finds an event by the longest id that a publisher may give', async () => {
  const { read, publish } = await startWorld()
  for (const id of ['å'.repeat(128), '字'.repeat(128), '😀'.repeat(64), '%2F/?#:'.repeat(18), 'topic:AbCdEfGhIjKl']) {
    await publish({ id })
    expect(await read(`/v1/events/${encodeURIComponent(id)}`)).toMatchObject({ id })
    expect(await read(`/v1/events/${encodeURIComponent(id)}/explain`)).toMatchObject({ items: [] })
  }
})

it('asks for the tenant where two use one id, and finds events of tenants that nobody created', async () => {
  const { made, read, refused, publish } = await startWorld()
  await made('/v1/tenants', { id: 2 })
  await publish({ id: 'same' })
  await publish({ id: 'same', tenantId: 2 })
  await publish({ id: 'stranger', tenantId: 99 })
  expect(await refused('/v1/events/same')).toMatchObject({
    status: 400,
    code: 'malformed_request',
    errors: [{ pointer: '/tenant' }],
  })
  expect(await read('/v1/events/same?tenant=2')).toMatchObject({ tenantId: 2 })
  expect(await read('/v1/events/stranger')).toMatchObject({ tenantId: 99 })
  expect(await read('/v1/events/stranger?tenant=99')).toMatchObject({ tenantId: 99 })
  expect(await refused('/v1/events/stranger?tenant=1')).toMatchObject({ status: 404, code: 'not_found' })
  expect(await refused('/v1/events/same?tenant=x')).toMatchObject({ status: 400, errors: [{ pointer: '/tenant' }] })
  expect(await refused('/v1/events/evt_00000000000000000000zz')).toMatchObject({ status: 404 })
})

it('shows an integration what it was granted, and says nothing of the rest', async () => {
  const { made, refused, publish, subscribe, receiver, explained } = await startWorld()
  receiver.status = 200
  const mine = await subscribe()
  await made('/v1/tenants', { id: 2 })
  const other = await made('/v1/integrations', { name: 'other' })
  const { accessToken } = await made(`/v1/integrations/${other.id}/tokens`, { tenantId: 1, types: ['customer.*'] })
  const theirs = await made('/v1/subscriptions', {
    integrationId: other.id,
    endpoint: { url: receiver.url },
    types: ['customer.*'],
  })
  const invoice = await publish({ id: 'inv-1' })
  await publish({ id: 'cus-1', type: 'customer.updated' })
  await publish({ id: 'far-1', type: 'customer.updated', tenantId: 2 })
  await explained(theirs, 'cus-1', 'delivered')
  const bearer = `Bearer ${accessToken}`
  const basic = `Basic ${Buffer.from(`${other.clientId}:${other.clientSecret}`).toString('base64')}`
  for (const who of [bearer, basic]) {
    for (const hidden of ['inv-1', `invoices:${invoice.offset}`, 'far-1', 'far-1?tenant=2', 'nothing']) {
      expect(await refused(`/v1/events/${hidden}`, who)).toMatchObject({ status: 404, code: 'not_found' })
    }
    const shown = await refused('/v1/events/cus-1', who)
    const own = who === basic ? [{ subscription: theirs.id }] : []
    expect(shown).toMatchObject({ status: 200, id: 'cus-1' })
    expect(shown.deliveries).toMatchObject(own)
    const all = await refused('/v1/events/cus-1/explain', who)
    expect(all.items).toMatchObject(own)
    expect(await refused(`/v1/subscriptions/${theirs.id}/explain?event=inv-1`, basic)).toMatchObject({ status: 404 })
    expect(await refused(`/v1/subscriptions/${mine.id}/explain?event=cus-1`, who)).toMatchObject({ status: 404 })
    expect((await refused('/v1/deliveries?event=inv-1', who)).status).toBe(404)
  }
  expect((await refused('/v1/deliveries?event=cus-1', basic)).items).toMatchObject([{ subscription: theirs.id }])
  const publisher = await made('/v1/keys', { kind: 'pub' })
  const seen = await refused('/v1/events/cus-1/explain', `Bearer ${publisher.key}`)
  expect(seen.items.map(({ subscription }: { subscription: string }) => subscription).sort()).toEqual(
    [mine.id, theirs.id].sort(),
  )
})

it('lists deliveries of an event, an entity and a tenant, page by page', async () => {
  const { read, publish, subscribe, refused, explained, call } = await startWorld()
  const subscriptions = []
  for (let count = 0; count < 5; count++) subscriptions.push(await subscribe())
  await publish({ id: 'inv-1' })
  await publish({ id: 'inv-2', entityId: '8' })
  for (const subscription of subscriptions) {
    await explained(subscription, 'inv-1', 'failed')
    await explained(subscription, 'inv-2', 'failed')
  }
  const all: { subscription: string; event: { id: string } }[] = []
  let cursor = ''
  do {
    const page = await read(`/v1/deliveries?event=inv-1&limit=2${cursor}`)
    expect(page.items.length).toBeLessThanOrEqual(2)
    all.push(...page.items)
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor !== '')
  expect(all.map(({ subscription }) => subscription)).toEqual(subscriptions.map(({ id }) => id))
  expect(new Set(all.map(({ event }) => event.id))).toEqual(new Set(['inv-1']))
  const ofEntity = await read('/v1/deliveries?entity=8')
  expect(ofEntity.items.map(({ event }: { event: { id: string } }) => event.id)).toEqual(Array(5).fill('inv-2'))
  expect((await read('/v1/deliveries?tenant=1')).items).toHaveLength(10)
  expect((await read('/v1/deliveries?tenant=2')).items).toEqual([])
  expect((await read('/v1/deliveries?event=inv-1&entity=8')).items).toEqual([])
  expect((await read('/v1/deliveries?event=inv-1&status=delivered')).items).toEqual([])
  expect((await read(`/v1/deliveries?event=inv-1&subscription=${subscriptions[1].id}`)).items).toHaveLength(1)
  expect(await refused('/v1/deliveries?tenant=1&tenants=1')).toMatchObject({ status: 400 })
  expect(await refused('/v1/deliveries?event=nothing')).toMatchObject({ status: 404 })
  const exported = await call('GET', '/v1/deliveries?event=inv-1', undefined, { accept: 'application/x-ndjson' })
  expect(exported.text.trim().split('\n')).toHaveLength(5)
})

it('pages through the explanations of an event', async () => {
  const { read, publish, subscribe } = await startWorld()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.push((await subscribe({ types: ['customer.*'] })).id)
  await publish({ id: 'inv-1' })
  const items: { subscription: string; reason: string }[] = []
  let cursor = ''
  do {
    const page = await read(`/v1/events/inv-1/explain?limit=2${cursor}`)
    items.push(...page.items)
    cursor = page.next === null ? '' : `&cursor=${page.next}`
  } while (cursor !== '')
  expect(items.map(({ subscription }) => subscription)).toEqual(ids)
  expect(new Set(items.map(({ reason }) => reason))).toEqual(new Set(['type_not_subscribed']))
})

it('says which condition of the filter was not met', async () => {
  const { publish, subscribe, explain } = await startWorld()
  const subscription = await subscribe({ filter: { 'data.total': { $gte: 1000 } } })
  await publish({ id: 'inv-1', data: { total: 12.5 } })
  expect(await explain(subscription, 'inv-1')).toEqual({
    subscription: subscription.id,
    event: 'inv-1',
    due: false,
    reason: 'filtered',
    detail: "The event does not meet the subscription's filter: data.total $gte 1000 (the event has 12.5).",
    delivery: null,
    mend: [
      { action: 'change', subscription: subscription.id, change: { filter: null } },
      { action: 'rewind', subscription: subscription.id, to: { time: expect.any(String) } },
    ],
  })
})

it('says who revoked a grant and when, and since when a later one holds', async () => {
  const { call, made, publish, subscribe, explain, read } = await startWorld()
  const subscription = await subscribe()
  const integration = subscription.integrationId
  const [token] = (await read(`/v1/integrations/${integration}/tokens`)).items
  await call('DELETE', `/v1/integrations/${integration}/tokens/${token.id}`)
  await publish({ id: 'inv-1' })
  const revoked = await explain(subscription, 'inv-1')
  expect(revoked).toMatchObject({
    due: false,
    reason: 'not_granted',
    mend: [
      { action: 'grant', integrationId: integration, tenantId: 1 },
      { action: 'rewind', subscription: subscription.id },
    ],
  })
  expect(revoked.detail).toMatch(
    new RegExp(`grants integration ${integration} nothing now.*${token.id} was revoked at \\d{4}-.* by the operator`),
  )
  await made(`/v1/integrations/${integration}/tokens`, { tenantId: 1, types: ['customer.*'] })
  expect((await explain(subscription, 'inv-1')).detail).toContain('No access token of tenant 1 shows')
  await made(`/v1/integrations/${integration}/tokens`, { tenantId: 1 })
  const later = await explain(subscription, 'inv-1')
  expect(later).toMatchObject({ reason: 'not_granted', mend: [{ action: 'rewind' }] })
  expect(later.detail).toMatch(
    new RegExp(`No grant stood when the event was published\\. .*${token.id} was revoked at`),
  )
})
