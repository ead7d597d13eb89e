import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { addTenants, TestClient } from './fixtures/client.ts'
import { RawClient, upgradeRequest } from './fixtures/raw-client.ts'
import { startStream, type TestStream } from './fixtures/stream.ts'

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
    at = await startStream({ streams: { perAddress: 3, perIntegration: 100 } })
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
    at = await startStream({ streams: { perAddress: 100, perIntegration: 2 } })
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
