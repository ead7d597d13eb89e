import { afterEach, describe, expect, it } from 'vitest'
import {
  addTenants,
  addTopics,
  newEvent,
  startStream,
  subscribe,
  TestClient,
  type TestStream,
} from './stream-fixture.ts'

let at: TestStream
afterEach(async () => {
  await at.stop()
})

async function subscribed(...commands: unknown[]): Promise<TestClient> {
  const client = await TestClient.open(at.port)
  for (const command of [...commands, subscribe]) expect(await client.ask(command)).toMatchObject({ result: 'ok' })
  return client
}

describe('the recorded client sequences', () => {
  it('1: each command awaited, each answered with exactly one message', async () => {
    at = await startStream()
    at.authority.grant('ouhohohhho897', 34231)
    const client = await TestClient.open(at.port)
    client.send(
      '{"command":"add-tenants-v1","includeChildTenants":false,"clientSecret":"secret","accessTokens":["Bearer ouhohohhho897"]}',
    )
    expect(await client.text()).toBe(
      '{"response":"add-tenants-v1","result":"ok","tenantIds":{"Bearer ouhohohhho897":34231}}',
    )
    client.send('{"command":"add-topics-v1","topics":[{"topic":"invoices"}]}')
    expect(await client.text()).toBe('{"response":"add-topics-v1","result":"ok"}')
    client.send('{"command":"subscribe-v1"}')
    expect(await client.text()).toBe('{"response":"subscribe-v1","result":"ok"}')
    await at.log.append([newEvent(34231, '3817')])
    expect(await client.text()).toBe(
      `{"topic":"invoices","offset":"${at.offset('invoices', 1)}","type":"invoice-updated-v1","tenantId":34231,` +
        '"entityId":"3817","timestamp":"2026-01-31T12:00:00.000+01:00"}',
    )
    expect(client.unread).toEqual([])
  })

  it('2: all three sent at once, carried out in order though the token check takes its time', async () => {
    at = await startStream()
    at.authority.grant('a', 1)
    let open = () => {}
    at.authority.gate = new Promise((resolve) => {
      open = resolve
    })
    const client = await TestClient.open(at.port)
    client.send(addTenants('a'))
    client.send(addTopics('invoices'))
    client.send(subscribe)
    open()
    expect(await client.next()).toMatchObject({ response: 'add-tenants-v1', tenantIds: { a: 1 } })
    expect(await client.next()).toEqual({ response: 'add-topics-v1', result: 'ok' })
    expect(await client.next()).toEqual({ response: 'subscribe-v1', result: 'ok' })
    await at.log.append([newEvent(1, '1')])
    expect(await client.next()).toMatchObject({ tenantId: 1, entityId: '1' })
  })

  it('3: one command per connection, one reply, closed without a status code', async () => {
    at = await startStream()
    for (const command of [{ command: 'list-tenants-v1' }, addTopics('invoices')]) {
      const client = await TestClient.open(at.port)
      const reply = await client.ask(command)
      expect(reply).toMatchObject({ response: command.command, result: 'ok' })
      client.ws.close()
      expect((await client.closed).code).toBe(1005)
    }
    expect(at.ended.map(({ code }) => code)).toEqual([1005, 1005])
    expect(at.errors).toEqual([])
  })

  it('4: tokens rotated on the same socket, again and again', async () => {
    at = await startStream()
    at.authority.grant('a0', 1)
    const client = await subscribed(addTenants('a0'), addTopics('invoices'))
    for (let round = 1; round <= 3; round++) {
      at.authority.grant(`a${round}`, 1)
      expect(await client.ask({ command: 'remove-tenants-v1', tenants: [1] })).toEqual({
        response: 'remove-tenants-v1',
        result: 'ok',
      })
      await at.log.append([newEvent(1, 'between')])
      expect(await client.ask(addTenants(`a${round}`))).toMatchObject({ tenantIds: { [`a${round}`]: 1 } })
      await at.log.append([newEvent(1, `round ${round}`)])
      expect(await client.next()).toMatchObject({ entityId: `round ${round}` })
    }
  })

  it('5: reconnects with the last offset of each topic and misses nothing', async () => {
    at = await startStream()
    at.authority.grant('a', 1)
    const first = await subscribed(addTenants('a'), addTopics('invoices', 'customers'))
    await at.log.append([
      newEvent(1, '1'),
      newEvent(1, '2', { topic: 'customers', type: 'customer.updated' }),
      newEvent(1, '3'),
    ])
    const offsets: Record<string, string> = {}
    for (let i = 0; i < 3; i++) {
      const event = await first.next()
      offsets[event.topic] = event.offset
    }
    first.ws.terminate()
    await at.log.append([newEvent(1, '4'), newEvent(1, '5', { topic: 'customers', type: 'customer.updated' })])
    const resumed = Object.entries(offsets).map(([topic, offset]) => ({ topic, offset }))
    const second = await subscribed(addTenants('a'), addTopics(...resumed))
    expect([await second.next(), await second.next()]).toMatchObject([{ entityId: '4' }, { entityId: '5' }])
    await at.log.append([newEvent(1, '6')])
    expect(await second.next()).toMatchObject({ entityId: '6' })
    expect(second.unread).toEqual([])
  })
})
