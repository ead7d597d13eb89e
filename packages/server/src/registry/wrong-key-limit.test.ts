import { describe, expect, it } from 'vitest'
import { RateLimit } from '../core/limit/rate-limit.ts'
import { WrongKeyLimit } from './wrong-key-limit.ts'

describe('the limit of wrong keys', () => {
  it('refuses the twenty-first of a minute and says when to come again', () => {
    const limit = new WrongKeyLimit()
    for (let n = 0; n < 20; n++) expect(limit.refusal('192.0.2.1', 0).code).toBe('unauthorized')
    const refusal = limit.refusal('192.0.2.1', 0)
    expect([refusal.code, refusal.retryAfterSeconds]).toEqual(['rate_limited', 3])
    expect(limit.refusal('192.0.2.2', 0).code).toBe('unauthorized')
    expect(limit.refusal('192.0.2.1', 3_000).code).toBe('unauthorized')
    expect(limit.refusal('192.0.2.1', 3_000).code).toBe('rate_limited')
    for (let n = 0; n < 20; n++) expect(limit.refusal('192.0.2.1', 120_000).code).toBe('unauthorized')
    expect(limit.refusal('192.0.2.1', 120_000).code).toBe('rate_limited')
  })

  it('counts an IPv6 network as one', () => {
    const limit = new WrongKeyLimit(1)
    expect(limit.refusal('2001:db8:1:2::1', 0).code).toBe('unauthorized')
    expect(limit.refusal('2001:db8:1:2:ffff::1', 0).code).toBe('rate_limited')
    expect(limit.refusal('2001:db8:1:3::1', 0).code).toBe('unauthorized')
  })
})

describe('a rate for many keys', () => {
  it('forgets the key that was used longest ago', () => {
    const limit = new RateLimit({ ratePerSecond: 1, burst: 1 }, 2)
    expect(limit.take('a', 0)).toBe(0)
    expect(limit.take('b', 0)).toBe(0)
    expect(limit.take('a', 0)).toBe(1)
    expect(limit.take('c', 0)).toBe(0)
    expect([limit.take('a', 0), limit.take('b', 0)]).toEqual([1, 0])
  })
})

it('whether it is reached can be asked without counting', () => {
  const limit = new WrongKeyLimit(2)
  for (let round = 0; round < 10; round++) expect(limit.isReached('192.0.2.1', 0)).toBe(false)
  limit.refusal('192.0.2.1', 0)
  expect(limit.isReached('192.0.2.1', 0)).toBe(false)
  limit.refusal('192.0.2.1', 0)
  expect(limit.isReached('192.0.2.1', 0)).toBe(true)
  expect(limit.isReached('192.0.2.2', 0)).toBe(false)
  expect(limit.isReached('192.0.2.1', 30_000)).toBe(false)
})
