import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { grantedTenant, startLiveReceiver, startLiveServer } from './fixtures/live.ts'

/** The entity source in a whole server, seen through a dialect that carries the entity. */

async function start() {
  const application = await startLiveReceiver()
  const directory = mkdtempSync(join(tmpdir(), 'tidings-file-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'tidings.yaml')
  writeFileSync(
    file,
    `entitySources:\n  invoice: { url: "${application.url}/{tenantId}/{entityId}", headers: { X-Key: own }, cacheMs: 0 }\n`,
  )
  const server = await startLiveServer({ file })
  const receiver = await startLiveReceiver()
  const { token } = await grantedTenant(server, { tenantId: 29302 })
  const body = { url: receiver.url, enabled_events: ['sales_invoice'] }
  expect((await server.call('POST', '/api/v2/29302/webhooks', { token, body })).status).toBe(201)
  await receiver.next()
  const publish = (type = 'invoice.updated', data: object = { version: 'published' }) =>
    server.operate('POST', '/v1/events', { tenantId: 29302, type, entityId: '38/17', data })
  return { application, server, receiver, token, publish }
}

test('the entity is as it is when it is sent: newer at a retry, null once it is gone', async () => {
  const { application, server, receiver, token, publish } = await start()
  const serve = (status: number, body: string) => {
    application.answer = () => ({ status, body })
  }
  const due = async () => {
    for (;;) {
      const [delivery] = (await server.call('GET', '/v1/deliveries?status=waiting', { token })).json.items
      if (delivery) return Date.parse(delivery.nextAttemptAt)
    }
  }
  const entityOf = async () => /"entity":(.*)\}$/.exec((await receiver.next()).body.toString())![1]

  receiver.answer = 500
  serve(200, '{ "version": 1.10, "id": 20250206211528366 }')
  await publish()
  expect(await entityOf()).toBe('{"version":1.10,"id":20250206211528366}')
  expect((await application.next()).headers['x-key']).toBe('own')
  expect(application.requests[0]!.path).toBe('/hook/29302/38%2F17')

  const firstDue = await due()
  serve(200, '{"version":2}')
  await server.clock.advance(firstDue - server.clock.now() + 1)
  expect(await entityOf()).toBe('{"version":2}')

  let secondDue = await due()
  while (secondDue === firstDue) secondDue = await due()
  serve(404, '')
  receiver.answer = 200
  await server.clock.advance(secondDue - server.clock.now() + 1)
  expect(await entityOf()).toBe('null')
})

test('what the event carries stands in when the application does not answer, and what was deleted is not asked for', async () => {
  const { application, receiver, publish } = await start()
  application.answer = 500
  await publish()
  expect(JSON.parse((await receiver.next()).body.toString()).entity).toEqual({ version: 'published' })
  expect(application.requests).toHaveLength(1)
  await publish('invoice.deleted')
  expect(JSON.parse((await receiver.next()).body.toString())).toMatchObject({
    action: 'sales_invoice_destroyed',
    entity: null,
  })
  expect(application.requests).toHaveLength(1)
})

test('a dialect that does not carry the entity asks for none', async () => {
  const { application, server, receiver, token, publish } = await start()
  const body = { types: ['invoice.*'], endpoint: { url: `${receiver.url}/standard` } }
  expect((await server.call('POST', '/v1/subscriptions', { token, body })).status).toBe(201)
  application.answer = () => ({ status: 200, body: '{"version":"served"}' })
  await publish()
  const bodies = [await receiver.next(), await receiver.next()].map(({ path, body: raw }) => [path, raw.toString()])
  expect(bodies.find(([path]) => path === '/hook/standard')![1]).toContain('"data":{"version":"published"}')
  expect(bodies.find(([path]) => path === '/hook')![1]).toContain('"entity":{"version":"served"}')
  expect(application.requests).toHaveLength(1)
})

test('a fault in the file stops the start', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidings-file-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'tidings.yaml')
  writeFileSync(file, 'entitySources: { invoice: "https://app.internal/invoices" }\n')
  await expect(startLiveServer({ file })).rejects.toThrow('must hold the place {entityId}')
})
