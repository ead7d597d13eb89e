import { expect, it } from 'vitest'
import { OpenStreams } from './open-streams.ts'

it('lets so many in from an address, and others meanwhile', () => {
  const streams = new OpenStreams({ perAddress: 2, perIntegration: 9 })
  expect(['a', 'a', 'a', 'b'].map((address) => streams.enter(address))).toEqual([true, true, false, true])
  expect(streams.count).toBe(3)
  streams.leave('a')
  expect([streams.enter('a'), streams.enter('a')]).toEqual([true, false])
})

it('lets an integration have so many', () => {
  const streams = new OpenStreams({ perAddress: 9, perIntegration: 2 })
  expect(['x', 'x', 'x', 'y'].map((id) => streams.claim(id))).toEqual([true, true, false, true])
  streams.release('x')
  expect(streams.claim('x')).toBe(true)
})

it('counts a stream that is asked for until it ends, by address and by integration, and ends it once', () => {
  const streams = new OpenStreams({ perAddress: 2, perIntegration: 1 })
  const end = streams.open('192.0.2.1', 'int_1')
  expect(streams.count).toBe(1)
  const crowded = expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 30 })
  // What is refused for its integration takes no place of its address.
  expect(() => streams.open('192.0.2.1', 'int_1')).toThrow(crowded)
  const endOther = streams.open('192.0.2.1', null)
  expect(() => streams.open('192.0.2.1', null)).toThrow(crowded)
  end()
  end()
  expect(streams.count).toBe(1)
  streams.open('192.0.2.1', 'int_1')
  endOther()
  expect(streams.count).toBe(1)
})
