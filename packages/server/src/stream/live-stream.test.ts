import { describe, expect, it } from 'vitest'
import type { StreamEncoding } from './encoding.ts'
import { maxBufferedBytes, open, plain, ScriptedSink, settle, showing, thing, world } from './fixtures/live-stream.ts'

describe('the live stream', () => {
  it('shows what is appended after the start, and only the topics and tenants asked for', async () => {
    const at = world()
    await at.log.append([thing('a', 1)])
    const { sink } = open(at.stream, { topics: { a: 1 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1), thing('b', 1), thing('a', 2), thing('a', 1, 'thing.hidden'), thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual(['a@2', 'a@6'])
  })

  it('shows nothing before it is started', async () => {
    const at = world()
    const sink = new ScriptedSink()
    const following = at.stream.follow(sink, plain)
    following.show(showing(1))
    following.add('a', 0)
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual([])
    following.start()
    await settle(at)
    expect(sink.received).toEqual(['a@1'])
  })

  it('goes on at once when the clock is set back', async () => {
    const at = world()
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1)])
    await settle(at)
    at.clock.setBack(3_600_000)
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual(['a@1', 'a@2'])
  })

  it('takes back what waits for a slow connection when its view shows less, and judges it again', async () => {
    const at = world()
    const { sink, following } = open(at.stream, { topics: { a: 0 }, tenants: [1, 2] })
    await settle(at)
    sink.isSlow = true
    await at.log.append([thing('a', 1)])
    await settle(at)
    await at.log.append([thing('a', 1), thing('a', 2)])
    await settle(at)
    following.show(showing(2))
    sink.drain()
    await settle(at)
    sink.isSlow = false
    await at.log.append([thing('a', 1), thing('a', 2)])
    await settle(at)
    sink.drain()
    await settle(at)
    // The first was with the socket, which gives nothing back.
    expect(sink.received).toEqual(['a@1', 'a@3', 'a@5'])
  })

  it('gathers what comes within 5 ms into one write', async () => {
    const at = world()
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    let writes = 0
    const write = sink.write.bind(sink)
    sink.write = (pieces, taken) => {
      writes += 1
      write(pieces, taken)
    }
    await at.log.append([thing('a', 1)])
    await at.clock.advance(1)
    for (let i = 0; i < 5; i++) await at.log.append([thing('a', 1)])
    await at.clock.advance(10)
    expect(sink.received).toHaveLength(6)
    expect(writes).toBe(2)
  })

  it('gives connections that see the same the same buffer, and encodes once', async () => {
    const at = world()
    let encoded = 0
    const counting: StreamEncoding = {
      name: 'counting',
      encode: (event, offset) => {
        encoded += 1
        return plain.encode(event, offset)
      },
    }
    const buffers: Buffer[] = []
    for (const tenants of [[1, 2], [2, 1], [1]]) {
      const sink = new ScriptedSink()
      sink.write = (pieces) => buffers.push(...pieces)
      const following = at.stream.follow(sink, counting)
      following.show(showing(...tenants))
      following.add('a', 0)
      following.start()
    }
    await settle(at)
    await at.log.append([thing('a', 1), thing('a', 1)])
    await settle(at)
    expect(buffers).toHaveLength(3)
    expect(new Set(buffers).size).toBe(2)
    expect(encoded).toBe(2)
  })

  it('serves a connection that does not read from the log, holding no more than its cap, and others do not notice', async () => {
    const at = world()
    const slow = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    const fast = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    slow.sink.isSlow = true
    for (let i = 0; i < 200; i++) {
      await at.log.append([thing('a', 1)])
      await at.clock.advance(5)
    }
    expect(fast.sink.received).toHaveLength(200)
    expect(slow.sink.received.length).toBeLessThan(40)
    expect(slow.sink.mostBuffered).toBeLessThanOrEqual(maxBufferedBytes)
    expect(at.stream.stats().listeners).toBe(1)
    slow.sink.isSlow = false
    slow.sink.drain()
    await settle(at)
    expect(slow.sink.received).toEqual(fast.sink.received)
    expect(at.stream.stats().listeners).toBe(2)
  })

  it('ends the connections that are behind when the log cannot be read', async () => {
    const at = world()
    for (let i = 0; i < 11; i++) await at.log.append([thing('a', 1)])
    const { sink } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await at.log.close()
    await settle(at)
    expect(sink.error).toMatchObject({ code: 'shutting_down' })
  })

  it('lets go of a connection that stops', async () => {
    const at = world()
    const { sink, following } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    following.stop()
    await at.log.append([thing('a', 1)])
    await settle(at)
    expect(sink.received).toEqual([])
    expect(at.stream.stats().listeners).toBe(0)
  })

  it('hands out what was durable before it says that it is settled', async () => {
    const at = world()
    const { sink, following } = open(at.stream, { topics: { a: 0 }, tenants: [1] })
    await settle(at)
    await at.log.append([thing('a', 1)])
    await at.clock.advance(0)
    await at.log.append([thing('a', 2)])
    const settled = following.settled().then(() => following.show(showing(1, 2)))
    await settle(at)
    await settled
    await at.log.append([thing('a', 2)])
    await settle(at)
    expect(sink.received).toEqual(['a@1', 'a@3'])
  })
})
