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
