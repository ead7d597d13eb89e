import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from '../dialects/fixtures/live.ts'

/** Receivers whose effect only shows on the whole server. Effects on a single attempt are tested beside the transport. */

async function start() {
  const server = await startLiveServer()
  const receiver = await startLiveReceiver(server.clock)
  const { token } = await grantedTenant(server, { tenantId: 1 })
  const call = (method: string, path: string, body?: object) =>
    server.call(method, path, { token, ...(body && { body }) })
  const subscribe = async (url: string, more: object = {}) => {
    const made = await call('POST', '/v1/subscriptions', { endpoint: { url }, types: ['invoice.*'], ...more })
    expect([made.status, made.text]).toEqual([201, made.text])
    return made.json
  }
  const publish = (id: string) =>
    server.operate('POST', '/v1/events', { tenantId: 1, type: 'invoice.updated', entityId: id, id })
  const deliveries = async (id: string) => (await call('GET', `/v1/deliveries?subscription=${id}`)).json.items
  return { server, receiver, call, subscribe, publish, deliveries }
}

/** Holds each request until it is answered by hand. */
async function startPatientReceiver() {
  const waiting: ServerResponse[] = []
  let arrived = () => {}
  const receiver = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      waiting.push(response)
      signatures.push(String(request.headers['webhook-signature']))
      arrived()
    })
  }).listen(0, '127.0.0.1')
  const signatures: string[] = []
  await once(receiver, 'listening')
  onTestFinished(() => {
    receiver.close()
    receiver.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    signatures,
    async next(): Promise<ServerResponse> {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      return waiting.shift()!
    },
  }
}

test('R31 410 disables the subscription at once, and its owner is told', async () => {
  const { receiver, call, subscribe, publish, server } = await start()
  const { id } = await subscribe(receiver.url)
  receiver.answer = 410
  await publish('e1')
  await receiver.next()
  await expect
    .poll(async () => (await call('GET', `/v1/subscriptions/${id}`)).json)
    .toMatchObject({ status: 'disabled', disabledReason: 'gone' })
  const told = async () =>
    (await server.operate('GET', '/v1/topics/tidings/events')).events.map(
      ({ type, data }: { type: string; data: { reason?: string } }) => [type, data.reason],
    )
  await expect.poll(told).toContainEqual(['subscription.disabled', 'gone'])
  await publish('e2')
  await server.clock.advance(86_400_000)
  expect(receiver.requests).toHaveLength(1)
})

test('R37 a repeat has the id of the first, so that a receiver that did its work can tell', async () => {
  const { receiver, subscribe, publish, server, deliveries } = await start()
  const { id } = await subscribe(receiver.url, { retry: { delaysSeconds: [60, 60] } })
  receiver.answer = 500
  await publish('e1')
  const first = await receiver.next()
  await expect.poll(async () => (await deliveries(id))[0]?.attempts).toBe(1)
  await server.clock.advance(61_000)
  const second = await receiver.next()
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
  expect(second.body.equals(first.body)).toBe(true)
})

test('R47 what is deleted while an attempt is under way gets no further one', async () => {
  const { call, subscribe, publish, server } = await start()
  const patient = await startPatientReceiver()
  const { id } = await subscribe(patient.url, { retry: { delaysSeconds: [60] } })
  await publish('e1')
  const response = await patient.next()
  expect((await call('DELETE', `/v1/subscriptions/${id}`)).status).toBe(204)
  response.writeHead(500).end()
  await publish('e2')
  await server.clock.advance(3_600_000)
  expect(patient.signatures).toHaveLength(1)
})

test('R47 a secret that is rotated while an attempt is under way signs the next one beside the old', async () => {
  const { call, subscribe, publish, server, deliveries } = await start()
  const patient = await startPatientReceiver()
  const { id } = await subscribe(patient.url, { retry: { delaysSeconds: [60] } })
  await publish('e1')
  const response = await patient.next()
  expect((await call('POST', `/v1/subscriptions/${id}/rotate-secret`, { overlapSeconds: 600 })).status).toBe(200)
  response.writeHead(500).end()
  await expect.poll(async () => (await deliveries(id))[0]?.attempts).toBe(1)
  await server.clock.advance(61_000)
  const again = await patient.next()
  again.writeHead(204).end()
  expect(patient.signatures.map((text) => text.split(' ').length)).toEqual([1, 2])
  await expect.poll(async () => (await deliveries(id))[0]).toMatchObject({ status: 'delivered', attempts: 2 })
})

test('R46 a receiver that publishes for every event it gets: one event after the other, and others do not wait', async () => {
  const { server, receiver, subscribe, publish } = await start()
  const { key } = await server.operate('POST', '/v1/keys', { kind: 'pub' })
  let rounds = 0
  const loop = createServer((request, response) => {
    request.resume()
    request.on('end', async () => {
      rounds += 1
      const body = JSON.stringify({ tenantId: 1, type: 'invoice.updated', entityId: `loop-${rounds}` })
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      if (rounds <= 200) await fetch(`${server.url}/v1/events`, { method: 'POST', headers, body }).catch(() => {})
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(loop, 'listening')
  onTestFinished(() => {
    loop.close()
    loop.closeAllConnections()
  })
  await subscribe(`http://127.0.0.1:${(loop.address() as AddressInfo).port}/`)
  await subscribe(receiver.url)
  await publish('first')
  // Each delivery makes one event and no more: the loop is a line, and the other receiver gets every one.
  const seen = new Set<string>()
  while (seen.size < 201) seen.add(JSON.parse((await receiver.next()).body.toString()).entityId)
  expect(seen).toEqual(new Set(['first', ...Array.from({ length: 200 }, (_, index) => `loop-${index + 1}`)]))
  expect((await server.call('GET', '/readyz')).status).toBe(200)
}, 60_000)
