import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../core/time/clock.ts'
import { addTenants, addTopics, subscribe, TestClient } from './fixtures/client.ts'
import { frame, RawClient } from './fixtures/raw-client.ts'
import { newEvent, startStream, type TestStream } from './fixtures/stream.ts'

let at: TestStream
afterEach(async () => {
  await at.stop()
})

const text = (payload: string) => frame(0x81, payload)
const listTenants = '{"command":"list-tenants-v1"}'

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
