import { expect, test } from 'vitest'
import { startLiveReceiver, startLiveServer } from '../fixtures/live.ts'
import { newIntegration, publish, tripletexClient } from './fixtures/client.ts'

test('no integration and no company sees what is of another', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const integration = await newIntegration(server)
  const bygg = await tripletexClient(server, { tenantId: 1 }, integration)
  const salg = await tripletexClient(server, { tenantId: 2 }, integration)
  const foreign = await tripletexClient(server, { tenantId: 3 })
  const wanted = { event: 'order.create', targetUrl: receiver.url }
  const { id } = (await bygg.call('POST', '/v2/event/subscription', wanted)).json.value
  const none = (await bygg.call('GET', '/v2/event/subscription/999999')).json
  for (const other of [salg, foreign]) {
    expect((await other.call('GET', '/v2/event/subscription')).json.values).toEqual([])
    for (const [method, path, body] of [
      ['GET', `/v2/event/subscription/${id}`, undefined],
      ['PUT', `/v2/event/subscription/${id}`, { status: 'DISABLED' }],
      ['DELETE', `/v2/event/subscription/${id}`, undefined],
      ['PUT', '/v2/event/subscription/list', [{ id, status: 'DISABLED' }]],
      ['DELETE', `/v2/event/subscription/list?ids=${id}`, undefined],
      ['DELETE', `/v2/token/session/${bygg.session}`, undefined],
    ] as const) {
      const answer = await other.call(method, path, body)
      expect([method, path, answer.status]).toEqual([method, path, 404])
      expect({ ...answer.json, requestId: none.requestId }).toEqual(none)
    }
    expect((await other.callFor(1, 'GET', '/v2/event/subscription')).status).toBe(401)
  }
  expect((await bygg.call('GET', `/v2/event/subscription/${id}`)).json.value.status).toBe('ACTIVE')

  // The events of another company do not come either.
  await publish(server, 2, 'order.created', '20')
  await publish(server, 3, 'order.created', '30')
  await publish(server, 1, 'order.created', '10')
  expect(JSON.parse((await receiver.next()).body.toString()).id).toBe(10)
  expect(receiver.requests).toHaveLength(1)
})

test('child companies: named by the Basic user, each with subscriptions of its own', async () => {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver()
  const office = await tripletexClient(server, { tenantId: 10, name: 'Regnskap AS' })
  await server.operate('POST', '/v1/tenants', { id: 11, name: 'Klient AS', parentId: 10 })
  await server.operate('POST', '/v1/tenants', { id: 12, name: 'Under AS', parentId: 11 })
  await server.operate('POST', '/v1/tenants', { id: 13, name: 'Annen AS' })

  for (const path of ['/v2/company/>withLoginAccess', '/v2/company/%3EwithLoginAccess']) {
    const { status, json } = await office.call('GET', path)
    expect(status).toBe(200)
    expect(json).toMatchObject({ fullResultSize: 2, from: 0, count: 2 })
    expect(
      json.values.map(({ id, name, version }: { id: number; name: string; version: number }) => [id, name, version]),
    ).toEqual([
      [11, 'Klient AS', 0],
      [12, 'Under AS', 0],
    ])
  }
  const wanted = { event: 'order.create', targetUrl: receiver.url }
  const own = (await office.call('POST', '/v2/event/subscription', wanted)).json.value.id
  const child = (await office.callFor(12, 'POST', '/v2/event/subscription', wanted)).json.value.id
  const idsFor = async (company: string | number) =>
    (await office.callFor(company, 'GET', '/v2/event/subscription')).json.values.map(({ id }: { id: number }) => id)
  expect(await idsFor('')).toEqual([own])
  expect(await idsFor(10)).toEqual([own])
  expect(await idsFor(12)).toEqual([child])
  expect(await idsFor(11)).toEqual([])
  expect((await office.callFor(13, 'GET', '/v2/event/subscription')).status).toBe(401)
  expect((await office.callFor(12, 'GET', '/v2/token/session/>whoAmI')).json.value.companyId).toBe(12)

  await publish(server, 12, 'order.created', '1')
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ subscriptionId: child, id: 1 })
  await publish(server, 10, 'order.created', '2')
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({ subscriptionId: own, id: 2 })
})
