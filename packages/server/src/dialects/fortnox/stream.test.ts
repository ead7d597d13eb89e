import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { openSqliteLog } from '../../engines/sqlite/log.ts'
import type { EventLog } from '../../log/event-log.ts'
import { addTenants, addTopics, subscribe, TestClient } from './fixtures/client.ts'
import { frame, RawClient } from './fixtures/raw-client.ts'
import { newEvent, startStream, type TestStream } from './fixtures/stream.ts'

const directories: string[] = []
const engines: Record<string, () => Promise<EventLog>> = {
  memory: async () => new MemoryLog(),
  sqlite: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tidings-'))
    directories.push(directory)
    return openSqliteLog({ directory })
  },
}
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true })
})

describe.each(Object.entries(engines))('on the %s log', (_, openLog) => {
  let at: TestStream
  async function start(options: Omit<Parameters<typeof startStream>[0], 'log'> = {}) {
    at = await startStream({ ...options, log: await openLog() })
  }
  afterEach(async () => {
    await at.stop()
    await at.log.close()
  })

  async function subscribed(...commands: unknown[]): Promise<TestClient> {
    const client = await TestClient.open(at.port)
    for (const command of [...commands, subscribe]) expect(await client.ask(command)).toMatchObject({ result: 'ok' })
    return client
  }

  describe('the recorded client sequences', () => {
    it('1: each command awaited, each answered with exactly one message', async () => {
      await start()
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
      await start()
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
      await start()
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
      await start()
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
      await start()
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

  const customer = { topic: 'customers', type: 'customer.updated' }

  describe('topics and offsets', () => {
    it('shows nothing before the subscribe reply, and then what came since the topic was added', async () => {
      await start()
      at.authority.grant('a', 1)
      await at.log.append([newEvent(1, 'before')])
      const client = await TestClient.open(at.port)
      await client.ask(addTenants('a'))
      await client.ask(addTopics('invoices'))
      await at.log.append([newEvent(1, 'between')])
      expect(await client.ask({ command: 'list-tenants-v1' })).toMatchObject({ tenantIds: [1] })
      expect(await client.ask(subscribe)).toEqual({ response: 'subscribe-v1', result: 'ok' })
      expect(await client.next()).toMatchObject({ entityId: 'between' })
      expect(client.unread).toEqual([])
    })

    it('replays from after an offset, in the same bytes, for a topic added after subscribing too', async () => {
      await start()
      at.authority.grant('a', 1)
      const live = await subscribed(addTenants('a'), addTopics('invoices'))
      await at.log.append([newEvent(1, '1'), newEvent(1, '2'), newEvent(1, 'x', customer), newEvent(1, '3')])
      const seen = [await live.text(), await live.text(), await live.text()]
      const replay = await subscribed(addTenants('a'), addTopics('customers'))
      replay.send(addTopics({ topic: 'invoices', offset: JSON.parse(seen[0]!).offset }))
      expect(await replay.next()).toEqual({ response: 'add-topics-v1', result: 'ok' })
      expect([await replay.text(), await replay.text()]).toEqual(seen.slice(1))
    })

    it('leaves a topic where it is when it is added again', async () => {
      await start()
      at.authority.grant('a', 1)
      await at.log.append([newEvent(1, '1')])
      const client = await subscribed(addTenants('a'), addTopics('invoices'))
      expect(await client.ask(addTopics({ topic: 'invoices', offset: at.offset('invoices', 0) }))).toMatchObject({
        result: 'ok',
      })
      await at.log.append([newEvent(1, '2')])
      expect(await client.next()).toMatchObject({ entityId: '2' })
    })

    it('moves an offset older than the retention to the earliest there is, without a word', async () => {
      await start()
      at.authority.grant('a', 1)
      await at.log.append([newEvent(1, '1')])
      const end = await at.log.positionBefore(0, Number.MAX_SAFE_INTEGER)
      await at.log.dropBefore(Number.MAX_SAFE_INTEGER)
      await at.log.append([newEvent(1, '2')])
      expect(at.log.bounds(0).earliest).toBeGreaterThanOrEqual(end)
      const client = await subscribed(
        addTenants('a'),
        addTopics({ topic: 'invoices', offset: at.offset('invoices', 0) }),
      )
      expect(await client.next()).toMatchObject({ entityId: '2' })
    })

    it('refuses an offset beyond the end, of another topic, and mistyped', async () => {
      await start()
      await at.log.append([newEvent(1, '1')])
      const client = await TestClient.open(at.port)
      const answer = (offset: string) => client.ask(addTopics('customers', { topic: 'invoices', offset }))
      const refused = { response: 'add-topics-v1', result: 'error', invalidTopics: ['invoices'] }
      expect(await answer(at.offset('invoices', 2))).toEqual({ ...refused, message: expect.stringContaining('beyond') })
      expect(await answer(at.offset('customers', 1))).toEqual({
        ...refused,
        message: expect.stringContaining('another topic'),
      })
      expect(await answer('xDy7J')).toEqual({ ...refused, message: expect.stringContaining('typing error') })
      expect(await client.ask(subscribe)).toMatchObject({ result: 'ok' })
    })

    it('refuses a topic that there is not, whatever it is called', async () => {
      await start()
      const client = await TestClient.open(at.port)
      for (const topic of ['Invoices', 'invoices ', '*', 'invoices/29302', '29302', 'invоices', '__proto__']) {
        expect(await client.ask(addTopics('customers', topic))).toEqual({
          response: 'add-topics-v1',
          result: 'error',
          invalidTopics: [topic],
          message: 'There is no such topic.',
        })
      }
    })
  })

  describe('tenants', () => {
    it('shows the events of its tenants only, and only the types that a grant is limited to', async () => {
      await start()
      at.authority.grant('a', 1)
      at.authority.grant('b', 2, { types: { key: 'customer', allows: (type) => type.startsWith('customer.') } })
      const client = await subscribed(addTenants('a', 'Bearer b'), addTopics('invoices', 'customers'))
      await at.log.append([
        newEvent(3, 'foreign'),
        newEvent(2, 'hidden'),
        newEvent(2, 'shown', customer),
        newEvent(1, 'no name', { type: 'invoice.renamed' }),
        newEvent(1, 'last'),
      ])
      expect([await client.next(), await client.next()]).toMatchObject([{ entityId: 'shown' }, { entityId: 'last' }])
    })

    it('shows a tenant added after subscribing from then on', async () => {
      await start()
      at.authority.grant('a', 1)
      at.authority.grant('b', 2)
      const client = await subscribed(addTenants('a'), addTopics('invoices'))
      for (let i = 0; i < 20; i++) await at.log.append([newEvent(2, 'before')])
      expect(await client.ask(addTenants('b'))).toMatchObject({ tenantIds: { b: 2 } })
      await at.log.append([newEvent(2, 'after')])
      expect(await client.next()).toMatchObject({ entityId: 'after' })
    })

    it('includes child tenants, now and as the tree changes', async () => {
      await start()
      at.authority.grant('a', 1)
      at.authority.children.set(1, [2]).set(2, [3])
      const client = await subscribed({ ...addTenants('a'), includeChildTenants: true }, addTopics('invoices'))
      const list = async () => (await client.ask({ command: 'list-tenants-v1' })).tenantIds
      expect(await list()).toEqual([1, 2, 3])
      at.authority.setChildren(2, [4])
      expect(await list()).toEqual([1, 2, 4])
      at.authority.setChildren(2, [5])
      await at.log.append([newEvent(4, 'gone'), newEvent(5, 'new')])
      expect(await client.next()).toMatchObject({ entityId: 'new' })
    })

    it('judges by the tree and the tokens as they are, without a pause', async () => {
      await start()
      at.authority.grant('a', 1)
      at.authority.grant('b', 99)
      const client = await subscribed(
        { ...addTenants('a'), includeChildTenants: true },
        addTenants('b'),
        addTopics('invoices'),
      )
      for (let child = 2; child < 22; child++) {
        at.authority.setChildren(1, [child])
        await at.log.append([newEvent(child === 2 ? 98 : child - 1, 'gone'), newEvent(child, `${child}`)])
        expect(await client.next()).toMatchObject({ entityId: `${child}` })
      }
      at.authority.show('b', { key: 'customer', allows: (type) => type.startsWith('customer.') })
      await at.log.append([newEvent(99, 'hidden'), newEvent(99, 'shown', { type: 'customer.updated' })])
      expect(await client.next()).toMatchObject({ entityId: 'shown' })
      at.authority.revoke('a')
      await at.log.append([newEvent(1, 'revoked'), newEvent(21, 'revoked')])
      await at.log.append([newEvent(99, 'last', { type: 'customer.updated' })])
      expect(await client.next()).toMatchObject({ response: 'tenants-removed-v1', tenants: [1, 21] })
      expect(await client.next()).toMatchObject({ entityId: 'last' })
    })

    it('takes a tenant off at once when its token is revoked, and says so after subscribing', async () => {
      await start()
      at.authority.grant('a', 1)
      at.authority.grant('b', 2)
      const client = await TestClient.open(at.port)
      await client.ask(addTenants('a', 'b'))
      await client.ask(addTopics('invoices'))
      at.authority.revoke('a')
      await at.log.append([newEvent(1, 'hidden'), newEvent(2, 'shown')])
      client.send(subscribe)
      expect(await client.next()).toEqual({ response: 'subscribe-v1', result: 'ok' })
      expect(await client.text()).toBe(
        '{"response":"tenants-removed-v1","result":"ok","tenants":[1],"reason":"token-revoked"}',
      )
      expect(await client.next()).toMatchObject({ entityId: 'shown' })
    })

    it('takes a tenant off when its token expires, unless a newer token brought it too', async () => {
      const clock = new ManualClock()
      await start({ clock })
      at.authority.grant('a', 1, { expiresAtMs: clock.now() + 60_000 })
      at.authority.grant('b', 2, { expiresAtMs: clock.now() + 60_000 })
      at.authority.grant('a2', 1)
      const client = await subscribed(addTenants('a', 'b'), addTopics('invoices'), addTenants('a2'))
      await clock.advance(60_000)
      expect(await client.text()).toBe(
        '{"response":"tenants-removed-v1","result":"ok","tenants":[2],"reason":"token-expired"}',
      )
      expect(await client.ask({ command: 'list-tenants-v1' })).toMatchObject({ tenantIds: [1] })
    })

    it('takes a thousand tokens of a kilobyte each in one message', async () => {
      await start()
      const tokens = Array.from({ length: 1_000 }, (_, i) => `Bearer ${`${i}`.padStart(1_017, 'x')}`)
      for (const [i, token] of tokens.entries()) at.authority.grant(token.slice(7), i + 1)
      const client = await TestClient.open(at.port)
      const { tenantIds } = await client.ask(addTenants(...tokens))
      expect(Object.entries(tenantIds)).toEqual(tokens.map((token, i) => [token, i + 1]))
    })
  })

  describe('a slow connection', () => {
    it('is served from the log at its own pace, holding little, while others do not notice', {
      timeout: 60_000,
    }, async () => {
      await start()
      at.authority.grant('a', 1)
      const fast = await subscribed(addTenants('a'), addTopics('invoices'))
      const slow = await RawClient.upgrade(at.port)
      for (const command of [addTenants('a'), addTopics('invoices'), subscribe]) {
        slow.socket.write(frame(0x81, JSON.stringify(command)))
      }
      await slow.until(() => slow.received.includes('subscribe-v1'))
      slow.socket.pause()
      const attributes = `"id":"x","attributes":{"text":"${'x'.repeat(10_000)}"}`
      const batch = () => Array.from({ length: 100 }, () => newEvent(1, '7', { tail: attributes }))
      const count = 3_000
      for (let i = 0; i < count / 100; i++) {
        await at.log.append(batch())
        for (let j = 0; j < 100; j++) await fast.text()
      }
      expect(at.live.stats().listeners).toBe(1)
      expect(at.sockets[1]?.writableLength).toBeLessThan(1024 * 1024)
      slow.received = Buffer.alloc(0)
      const offsets: string[] = []
      slow.socket.removeAllListeners('data')
      let rest = Buffer.alloc(0)
      const all = new Promise<void>((resolve) => {
        slow.socket.on('data', (chunk) => {
          rest = Buffer.concat([rest, chunk])
          while (rest.length >= 4 && rest.length >= 4 + rest.readUInt16BE(2)) {
            const end = 4 + rest.readUInt16BE(2)
            offsets.push(JSON.parse(rest.toString('latin1', 4, end)).offset)
            rest = rest.subarray(end)
          }
          if (offsets.length >= count) resolve()
        })
      })
      slow.socket.resume()
      await all
      expect(offsets).toEqual(Array.from({ length: count }, (_, i) => at.offset('invoices', i + 1)))
      slow.socket.destroy()
    })
  })

  describe('a planned stop', () => {
    it('closes with 1012, and a client resumes on another server of the same log with nothing lost', async () => {
      await start()
      at.authority.grant('a', 1)
      const seen: string[] = []
      const client = await subscribed(addTenants('a'), addTopics('invoices'))
      const appended = (async () => {
        for (let i = 0; i < 50; i++) await at.log.append([newEvent(1, `${i}`)])
      })()
      seen.push(await client.text())
      await at.stream.drain(1_000)
      expect(await client.closed).toMatchObject({ code: 1012 })
      await appended
      seen.push(...client.unread)
      const other = await startStream({ log: at.log, authority: at.authority })
      const { offset } = JSON.parse(seen.at(-1)!)
      const resumed = await TestClient.open(other.port)
      for (const command of [addTenants('a'), addTopics({ topic: 'invoices', offset }), subscribe])
        await resumed.ask(command)
      while (seen.length < 50) seen.push(await resumed.text())
      expect(seen.map((text) => JSON.parse(text).entityId)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
      await other.stop()
    })
  })
})
