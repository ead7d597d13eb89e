import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { addTenants, addTopics, subscribe, TestClient } from './fixtures/client.ts'
import { frame, RawClient, upgradeRequest } from './fixtures/raw-client.ts'
import { newEvent, startStream, type TestStream } from './fixtures/stream.ts'

let at: TestStream
afterEach(async () => {
  await at.stop()
})

const text = (payload: string) => frame(0x81, payload)
const listTenants = '{"command":"list-tenants-v1"}'

describe('messages', () => {
  it.each([
    ['not JSON', '{"command":', null],
    ['no object', '[1]', null],
    ['no command', '{}', null],
    ['a command of another kind', '{"command":5}', null],
    ['an unknown command', '{"command":"add-tenants-v2"}', 'add-tenants-v2'],
    ['a command of the prototype', '{"command":"constructor"}', 'constructor'],
    ['a missing field', '{"command":"add-tenants-v1","clientSecret":"x"}', 'add-tenants-v1'],
    ['a mistyped field', '{"command":"add-topics-v1","topics":"invoices"}', 'add-topics-v1'],
    ['depth', `${'['.repeat(500_000)}`, null],
  ])('answers %s with an error and stays open', async (_, message, response) => {
    at = await startStream()
    const client = await TestClient.open(at.port)
    expect(await client.ask(message)).toEqual({ response, result: 'error', message: expect.any(String) })
    expect(await client.ask(listTenants)).toMatchObject({ result: 'ok' })
  })

  it('answers a binary message with an error and stays open', async () => {
    at = await startStream()
    const client = await TestClient.open(at.port)
    expect(await client.ask(Buffer.from(listTenants))).toMatchObject({ response: null, result: 'error' })
    expect(await client.ask(listTenants)).toMatchObject({ result: 'ok' })
  })

  it('closes with 1008 after more than 20 messages in a minute that are no commands', async () => {
    at = await startStream()
    const client = await TestClient.open(at.port)
    for (let i = 0; i < 20; i++) expect(await client.ask('x')).toMatchObject({ result: 'error' })
    expect(await client.ask(listTenants)).toMatchObject({ result: 'ok' })
    expect(await client.ask('x')).toMatchObject({ result: 'error' })
    expect(await client.closed).toMatchObject({ code: 1008 })
  })

  it('does not count known commands with faulty fields: a live client sends many of them at once', async () => {
    at = await startStream()
    const client = await TestClient.open(at.port)
    for (let i = 0; i < 100; i++) client.send({ command: 'remove-tenants-v1', accessTokens: ['a'] })
    for (let i = 0; i < 100; i++) {
      expect(await client.next()).toMatchObject({ response: 'remove-tenants-v1', result: 'error' })
    }
    expect(await client.ask(listTenants)).toMatchObject({ result: 'ok' })
  })

  it('H31 lets known commands that come too fast wait, carries out all of them, and others do not notice', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock, limits: { messages: { ratePerSecond: 100, burst: 50 } } })
    const client = await TestClient.open(at.port)
    const other = await TestClient.open(at.port)
    for (let i = 0; i < 1_000; i++) client.send(subscribe)
    for (let i = 0; i < 50; i++) await client.text()
    expect(await other.ask(listTenants)).toMatchObject({ result: 'ok' })
    expect(client.unread).toEqual([])
    const all = (async () => {
      for (let i = 0; i < 950; i++) expect(await client.next()).toMatchObject({ result: 'ok' })
    })()
    let isDone = false
    const done = all.then(() => {
      isDone = true
    })
    const startedAtMs = clock.now()
    while (!isDone) await clock.advance(10)
    await done
    expect(clock.now() - startedAtMs).toBeGreaterThanOrEqual(9_000)
  })

  it('H31 answers ten thousand topics in one message', async () => {
    at = await startStream()
    const client = await TestClient.open(at.port)
    const topics = Array.from({ length: 10_000 }, (_, i) => `topic-${i}`)
    expect(await client.ask(addTopics(...topics))).toMatchObject({ result: 'error', invalidTopics: topics })
  })

  it('makes no more replies than a client reads', async () => {
    at = await startStream({ limits: { messages: { ratePerSecond: 1e6, burst: 1e6 } } })
    const client = await RawClient.upgrade(at.port)
    const other = await TestClient.open(at.port)
    client.socket.pause()
    const topic = 'x'.repeat(400_000)
    for (let i = 0; i < 15; i++) client.socket.write(text(JSON.stringify(addTopics(topic))))
    // The others are served meanwhile; in the end all replies are there.
    for (let i = 0; i < 50; i++) {
      expect(await other.ask(listTenants)).toMatchObject({ result: 'ok' })
      expect(at.sockets[0]!.writableLength).toBeLessThan(1024 * 1024)
    }
    client.socket.resume()
    await client.until(() => client.received.length > 15 * topic.length)
    client.socket.destroy()
  })

  it('H10 knows no cookies: a page of another site that brings them along is nobody', async () => {
    at = await startStream()
    at.authority.grant('a', 1)
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.com']) {
      const headers = [`Origin: ${origin}`, 'Cookie: token=a; clientSecret=secret', 'Authorization: Bearer a']
      const client = await RawClient.connect(at.port)
      client.socket.write(upgradeRequest({ headers }))
      await client.until(() => client.received.includes('\r\n\r\n'))
      client.socket.write(text(listTenants))
      client.socket.write(text(JSON.stringify(addTenants('b'))))
      await client.until(() => client.received.includes('invalidTokens'))
      expect(client.received.toString()).toContain('"tenantIds":[]')
      client.socket.destroy()
    }
  })

  it('H30 holds less than a mebibyte for a client that never reads; others do not notice, and it gets all in the end', async () => {
    at = await startStream()
    at.authority.grant('a', 1)
    const commands = [addTenants('a'), addTopics('invoices'), subscribe].map((command) => text(JSON.stringify(command)))
    const deaf = await RawClient.upgrade(at.port)
    deaf.socket.write(Buffer.concat(commands))
    await deaf.until(() => deaf.received.includes('subscribe-v1'))
    deaf.socket.pause()
    const other = await TestClient.open(at.port)
    for (const command of [addTenants('a'), addTopics('invoices'), subscribe]) await other.ask(command)
    // Far more than what the kernel's buffers of both sides take.
    const [batches, size] = [40, 500]
    const long = 'x'.repeat(500)
    for (let batch = 0; batch < batches; batch++) {
      await at.log.append(Array.from({ length: size }, (_, index) => newEvent(1, `${batch}-${index}-${long}`)))
      for (let index = 0; index < size; index++) {
        expect((await other.next()).entityId.startsWith(`${batch}-${index}-`)).toBe(true)
      }
      expect(at.sockets[0]!.writableLength).toBeLessThan(1024 * 1024)
    }
    deaf.socket.resume()
    await deaf.until(() => deaf.received.includes(`${batches - 1}-${size - 1}-`))
    const all = deaf.received.toString('latin1').match(/"entityId":"\d+-\d+-/g) ?? []
    expect(all).toEqual(
      Array.from({ length: batches * size }, (_, at) => `"entityId":"${Math.floor(at / size)}-${at % size}-`),
    )
    deaf.socket.destroy()
  }, 60_000)

  it('H33 refuses tenants of others like tenants that do not exist', async () => {
    at = await startStream()
    at.authority.grant('a', 1)
    at.authority.grant('b', 2)
    const client = await TestClient.open(at.port)
    await client.ask(addTenants('a'))
    for (const tenant of [2, 99, -1, 1.5]) {
      expect(await client.ask({ command: 'remove-tenants-v1', tenants: [1, tenant] })).toEqual({
        response: 'remove-tenants-v1',
        result: 'error',
        invalidTenants: [tenant],
      })
    }
    expect(await client.ask({ command: 'list-tenants-v1' })).toMatchObject({ tenantIds: [1] })
  })

  it('closes with 1011 and says so when a check breaks down', async () => {
    at = await startStream()
    at.authority.gate = Promise.reject(new Error('The registry is gone.'))
    at.authority.gate.catch(() => {})
    const client = await TestClient.open(at.port)
    client.send(addTenants('a'))
    expect(await client.closed).toMatchObject({ code: 1011 })
    expect(at.errors).toEqual([new Error('The registry is gone.')])
  })
})
