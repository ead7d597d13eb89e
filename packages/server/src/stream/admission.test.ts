import { expect, it } from 'vitest'
import { Admission, type AdmissionLimits } from './admission.ts'

const wide = { ratePerSecond: 1_000, burst: 1_000 }
const limits: AdmissionLimits = {
  connectionsPerAddress: 2,
  connectionsPerIntegration: 2,
  handshakesPerAddress: wide,
  handshakes: wide,
}

it('lets so many in from an address, and others meanwhile', () => {
  const admission = new Admission(limits)
  const enter = (address: string) => admission.enter(address, 0).kind
  expect([enter('a'), enter('a'), enter('a'), enter('b')]).toEqual(['admitted', 'admitted', 'refused', 'admitted'])
  admission.leave('a')
  expect([enter('a'), enter('a')]).toEqual(['admitted', 'refused'])
})

it('lets an integration have so many', () => {
  const admission = new Admission(limits)
  expect(['x', 'x', 'x', 'y'].map((id) => admission.claim(id))).toEqual([true, true, false, true])
  admission.release('x')
  expect(admission.claim('x')).toBe(true)
})

it('paces the handshakes of one address, and of all together', () => {
  const paced = new Admission({
    ...limits,
    connectionsPerAddress: 1_000,
    handshakesPerAddress: { ratePerSecond: 1, burst: 2 },
    handshakes: { ratePerSecond: 1, burst: 3 },
  })
  const enter = (address: string, nowMs: number) => {
    const admitted = paced.enter(address, nowMs)
    return admitted.kind === 'admitted' ? 'in' : admitted.retryAfterSeconds
  }
  expect([enter('a', 0), enter('a', 0), enter('a', 0), enter('b', 0), enter('b', 0)]).toEqual(['in', 'in', 1, 'in', 1])
  paced.sweep(1_000)
  expect(enter('a', 1_000)).toBe('in')
  expect(enter('a', 1_000)).toBe(1)
})
