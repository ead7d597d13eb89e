import { expect, it } from 'vitest'
import { Admission, type AdmissionLimits } from './admission.ts'
import { OpenStreams } from './open-streams.ts'

const wide = { ratePerSecond: 1_000, burst: 1_000 }
const limits: AdmissionLimits = {
  handshakesPerAddress: wide,
  handshakes: wide,
}

it('lets nobody in from an address that has all its streams, of whichever kind', () => {
  const streams = new OpenStreams({ perAddress: 2, perIntegration: 9 })
  const admission = new Admission(limits, streams)
  const enter = (address: string) => admission.enter(address, 0).kind
  streams.enter('a')
  expect([enter('a'), enter('a'), enter('b')]).toEqual(['admitted', 'refused', 'admitted'])
  streams.leave('a')
  expect([enter('a'), enter('a')]).toEqual(['admitted', 'refused'])
})

it('paces the handshakes of one address, and of all together', () => {
  const paced = new Admission(
    { handshakesPerAddress: { ratePerSecond: 1, burst: 2 }, handshakes: { ratePerSecond: 1, burst: 3 } },
    new OpenStreams({ perAddress: 1_000, perIntegration: 1_000 }),
  )
  const enter = (address: string, nowMs: number) => {
    const admitted = paced.enter(address, nowMs)
    return admitted.kind === 'admitted' ? 'in' : admitted.retryAfterSeconds
  }
  expect([enter('a', 0), enter('a', 0), enter('a', 0), enter('b', 0), enter('b', 0)]).toEqual(['in', 'in', 1, 'in', 1])
  paced.sweep(1_000)
  expect(enter('a', 1_000)).toBe('in')
  expect(enter('a', 1_000)).toBe(1)
})
