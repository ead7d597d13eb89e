import { once } from 'node:events'
import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../core/clock.ts'
import {
  addTenants,
  addTopics,
  frame,
  newEvent,
  RawClient,
  startStream,
  subscribe,
  TestClient,
  type TestStream,
  upgradeRequest,
} from './stream-fixture.ts'

let at: TestStream
afterEach(async () => {
  await at.stop()
})

async function statusOf(request: string): Promise<string> {
  const client = await RawClient.connect(at.port)
  client.socket.write(request)
  await client.ended
  return client.received.toString().split('\r\n')[0] ?? ''
}

/** Sends bytes after the handshake and gives the code with which the server closes. */
async function codeFor(...chunks: Buffer[]): Promise<number | undefined> {
  const client = await RawClient.upgrade(at.port)
  client.socket.write(Buffer.concat(chunks))
  return client.closeCode()
}

/** 20 MiB of zeros. */
const bomb = deflateRawSync(Buffer.alloc(20 * 1024 * 1024))
const text = (payload: string) => frame(0x81, payload)
const listTenants = '{"command":"list-tenants-v1"}'

describe('handshakes', () => {
  it.each([
    ['H01 another path', upgradeRequest({ path: '/topics-v2' }), 404],
    ['H01 a path below', upgradeRequest({ path: '/topics-v1/' }), 404],
    ['H01 the path in another case', upgradeRequest({ path: '/Topics-v1' }), 404],
    ['H01 the root', upgradeRequest({ path: '/' }), 404],
    ['H02 no key', upgradeRequest({ key: null }), 400],
    ['H02 a key that is too short', upgradeRequest({ key: 'c2hvcnQ=' }), 400],
    ['H02 a version from before', upgradeRequest().replace('Version: 13', 'Version: 7'), 400],
    ['H04 by POST', upgradeRequest({ method: 'POST', headers: ['Content-Length: 0'] }), 405],
    [
      'H05 an extension with bad window bits',
      upgradeRequest({ headers: ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99'] }),
      400,
    ],
    ['H05 an extension without a name', upgradeRequest({ headers: ['Sec-WebSocket-Extensions: ;'] }), 400],
  ])('%s', async (_, request, status) => {
    at = await startStream()
    expect(await statusOf(request)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(at.stream.connections).toBe(0)
  })

  it('accepts no extension and no subprotocol that a client offers', async () => {
    at = await startStream()
    const client = await RawClient.connect(at.port)
    const headers = [
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Protocol: v1',
    ]
    client.socket.write(upgradeRequest({ headers }))
    await client.until(() => client.received.includes('\r\n\r\n'))
    const answer = client.received.toString().toLowerCase()
    expect(answer).toMatch(/^http\/1.1 101 /)
    expect(answer).not.toContain('sec-websocket-extensions')
    expect(answer).not.toContain('sec-websocket-protocol')
    client.socket.destroy()
  })

  it('H35 refuses more connections of one address before the 101, and takes one again when one has left', async () => {
    at = await startStream({ limits: { connectionsPerAddress: 3 } })
    const clients = [await TestClient.open(at.port), await TestClient.open(at.port), await TestClient.open(at.port)]
    const refused = await RawClient.connect(at.port)
    refused.socket.write(upgradeRequest())
    await refused.ended
    expect(refused.received.toString()).toMatch(/^HTTP\/1.1 429 Too Many Requests\r\n(.+\r\n)*Retry-After: 30\r\n/)
    clients[0]!.ws.close()
    await clients[0]!.closed
    await TestClient.open(at.port)
  })

  it('H35 closes more connections of one integration with 1013, once it is known', async () => {
    at = await startStream({ limits: { connectionsPerIntegration: 2 } })
    at.authority.grant('a', 1)
    at.authority.grant('other', 2, { integrationId: 'int_2' })
    const clients = []
    for (let i = 0; i < 2; i++) {
      const client = await TestClient.open(at.port)
      expect(await client.ask(addTenants('a'))).toMatchObject({ result: 'ok' })
      clients.push(client)
    }
    const third = await TestClient.open(at.port)
    third.send(addTenants('a'))
    expect(await third.closed).toMatchObject({ code: 1013 })
    const other = await TestClient.open(at.port)
    expect(await other.ask(addTenants('other'))).toMatchObject({ result: 'ok' })
    clients[0]!.ws.close()
    await clients[0]!.closed
    const fourth = await TestClient.open(at.port)
    expect(await fourth.ask(addTenants('a'))).toMatchObject({ result: 'ok' })
  })

  it('H37 caps the handshakes of an address, and keeps nothing of those that leave at once', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock, limits: { handshakesPerAddress: { ratePerSecond: 10, burst: 20 } } })
    const statuses = []
    for (let i = 0; i < 40; i++) {
      const client = await RawClient.connect(at.port)
      client.socket.write(upgradeRequest())
      await client.until(() => client.received.includes('\r\n\r\n'))
      statuses.push(Number(client.received.toString().slice(9, 12)))
      client.socket.resetAndDestroy()
    }
    expect(statuses).toEqual([...Array(20).fill(101), ...Array(20).fill(429)])
    while (at.stream.connections > 0) await clock.advance(1)
    await clock.advance(100)
    expect(await statusOf(upgradeRequest({ key: null }))).toMatch(/^HTTP\/1.1 400 /)
  })

  it('refuses while it drains, with 503', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    const drained = at.stream.drain(1_000)
    expect(await statusOf(upgradeRequest())).toMatch(/^HTTP\/1.1 503 /)
    client.socket.destroy()
    await drained
  })
})

describe('frames', () => {
  it.each([
    ['H12 RSV1 without deflate', [frame(0xc1, 'x')], 1002],
    ['H12 RSV2', [frame(0xa1, 'x')], 1002],
    ['H25 a deflated bomb, though deflate is never agreed', [frame(0xc1, bomb)], 1002],
    ['H13 opcode 3', [frame(0x83, 'x')], 1002],
    ['H13 opcode 11', [frame(0x8b, 'x')], 1002],
    ['H15 a continuation first', [frame(0x80, 'x')], 1002],
    ['H15 a text inside a fragment', [frame(0x01, 'x'), frame(0x81, 'x')], 1002],
    ['H16 invalid UTF-8', [frame(0x81, Buffer.from([0xc3, 0x28]))], 1007],
    ['H16 invalid UTF-8 across fragments', [frame(0x01, Buffer.from([0xe2])), frame(0x80, Buffer.from([0x28]))], 1007],
    ['H17 one byte over the limit', [frame(0x81, Buffer.alloc(1024 * 1024 + 1, 0x20))], 1009],
    ['H19 65 fragments', [frame(0x01, 'x'), ...Array(64).fill(frame(0x00, 'x'))], 1008],
    [
      'H21 fragments whose sum passes the limit',
      [frame(0x01, Buffer.alloc(600_000, 0x20)), frame(0x80, Buffer.alloc(600_000, 0x20))],
      1009,
    ],
    ['H23 a close reason with bad UTF-8', [frame(0x88, Buffer.from([0x03, 0xe8, 0xff]))], 1007],
    ['a frame without a mask', [Buffer.from([0x81, 0x01, 0x78])], 1002],
    ['a control frame of 126 bytes', [frame(0x89, Buffer.alloc(126))], 1002],
    ['H28 2,000 pings in one write', Array(2_000).fill(frame(0x89)), 1008],
    ['H28 11 pongs in one write', Array(11).fill(frame(0x8a)), 1008],
  ])('%s', async (_, chunks, code) => {
    at = await startStream()
    expect(await codeFor(...chunks)).toBe(code)
    expect(at.errors).toEqual([])
  })

  it('takes a message of exactly the limit, in up to 64 fragments', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    const command = Buffer.from(listTenants.padEnd(1024 * 1024))
    const part = command.length / 64
    for (let i = 0; i < 64; i++) {
      client.socket.write(frame(i === 0 ? 0x01 : i === 63 ? 0x80 : 0x00, command.subarray(i * part, (i + 1) * part)))
    }
    await client.until(() => client.received.includes('"tenantIds":[]'))
    client.socket.destroy()
  })

  it('H24 passes over what comes after the close frame', async () => {
    at = await startStream()
    expect(await codeFor(frame(0x88, Buffer.from([0x03, 0xe8])), text(listTenants), text('x'))).toBe(1000)
  })

  it('H27 takes a length that is not minimal', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    const payload = Buffer.from(listTenants)
    const header = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, payload.length, 0, 0, 0, 0])
    client.socket.write(Buffer.concat([header, payload]))
    await client.until(() => client.received.includes('"tenantIds":[]'))
    client.socket.destroy()
  })

  it('answers a ping at once, with its bytes', async () => {
    at = await startStream()
    const client = await RawClient.upgrade(at.port)
    client.socket.write(frame(0x89, 'hello'))
    await client.until(() => client.received.length >= 7)
    expect(client.received.toString('hex')).toBe('8a0568656c6c6f')
    client.socket.destroy()
  })
})

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

describe('silence', () => {
  it('H09 closes with 1008 when no command has succeeded for 30 s', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock })
    const client = await TestClient.open(at.port)
    expect(await client.ask(addTenants('wrong'))).toMatchObject({ result: 'error' })
    await clock.advance(29_000)
    expect(client.ws.readyState).toBe(client.ws.OPEN)
    await clock.advance(1_000)
    expect(await client.closed).toMatchObject({ code: 1008 })
  })

  it('closes with 1008 when a message is not whole within 10 s', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock })
    const client = await RawClient.upgrade(at.port)
    client.socket.write(text(listTenants))
    await client.until(() => client.received.includes('list-tenants-v1'))
    client.socket.write(frame(0x01, '{"command":'))
    client.socket.write(frame(0x89, 'x'))
    await client.until(() => client.received.includes(Buffer.from('8a0178', 'hex')))
    await clock.advance(9_000)
    client.socket.write(frame(0x89, 'y'))
    await client.until(() => client.received.includes(Buffer.from('8a0179', 'hex')))
    await clock.advance(1_000)
    expect(await client.closeCode()).toBe(1008)
  })

  it('pings every 30 s, and closes after two that are not answered', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock })
    const quiet = await RawClient.upgrade(at.port)
    const lively = await TestClient.open(at.port)
    await lively.ask(listTenants)
    quiet.socket.write(text(listTenants))
    await quiet.until(() => quiet.received.includes('list-tenants-v1'))
    for (let i = 0; i < 3; i++) {
      const pinged = once(lively.ws, 'ping')
      await clock.advance(30_000)
      if (i < 2) await pinged
    }
    expect(quiet.received.toString('hex').match(/8900/g)).toHaveLength(2)
    expect(await quiet.closeCode()).toBe(1008)
    expect(lively.ws.readyState).toBe(lively.ws.OPEN)
  })

  it('H36 takes the tenants of a revoked token off within 5 s', async () => {
    const clock = new ManualClock()
    at = await startStream({ clock })
    at.authority.grant('a', 1)
    const client = await TestClient.open(at.port)
    for (const command of [addTenants('a'), addTopics('invoices'), subscribe]) await client.ask(command)
    at.authority.revoke('a')
    await clock.advance(5_000)
    await at.log.append([newEvent(1, 'hidden')])
    await clock.advance(1_000)
    expect(await client.next()).toMatchObject({ response: 'tenants-removed-v1', tenants: [1] })
    expect(await client.ask(listTenants)).toMatchObject({ tenantIds: [] })
    expect(client.unread).toEqual([])
  })
})
