import { describe, expect, it } from 'vitest'
import type { WebhookPolicy } from '../dialect/dialect.ts'
import { attemptOutcome, endpointHoldUntilMs } from './attempt-outcome.ts'
import { retryAfterMs } from './retry-after.ts'

const policy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: [5, 300],
  jitter: 0.1,
  honoursRetryAfter: true,
  disablesOnGone: true,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}
const facts = { status: 500, error: null, retryAfter: null, attempts: 1, nowMs: 1_000_000, random: 0 } as const

describe('what an attempt makes of its delivery', () => {
  it.each([200, 201, 204, 299])('%i is delivered', (status) => {
    expect(attemptOutcome(policy, { ...facts, status })).toEqual({ kind: 'delivered' })
  })

  it('a success status with broken framing is no success', () => {
    const outcome = attemptOutcome(policy, { ...facts, status: 200, error: 'invalid_http' })
    expect(outcome).toMatchObject({ kind: 'retry', error: 'invalid_http' })
  })

  it.each([199, 300, 400, 404, 429, 500, 503, 600, 999])('%i is retried', (status) => {
    expect(attemptOutcome(policy, { ...facts, status })).toEqual({
      kind: 'retry',
      error: `http_${status}`,
      dueAtMs: 1_005_000,
    })
  })

  it('only the listed statuses are a success where a dialect lists them', () => {
    const exact = { ...policy, success: [200] }
    expect(attemptOutcome(exact, { ...facts, status: 200 }).kind).toBe('delivered')
    expect(attemptOutcome(exact, { ...facts, status: 201 })).toMatchObject({ kind: 'retry', error: 'http_201' })
  })

  it('follows the delays, with jitter that only adds', () => {
    expect(attemptOutcome(policy, { ...facts, attempts: 2, random: 0 })).toMatchObject({ dueAtMs: 1_300_000 })
    expect(attemptOutcome(policy, { ...facts, attempts: 2, random: 0.5 })).toMatchObject({ dueAtMs: 1_315_000 })
  })

  it('fails after the last delay, and disables where the policy says so', () => {
    const last = { ...facts, attempts: 3 }
    expect(attemptOutcome(policy, last)).toEqual({ kind: 'failed', error: 'http_500', disable: null })
    expect(attemptOutcome({ ...policy, afterLastAttempt: 'disable' }, last)).toMatchObject({
      disable: 'attempts_exhausted',
    })
  })

  it('410 ends the subscription where the policy says so', () => {
    expect(attemptOutcome(policy, { ...facts, status: 410 })).toEqual({
      kind: 'failed',
      error: 'gone',
      disable: 'gone',
    })
    expect(attemptOutcome({ ...policy, disablesOnGone: false }, { ...facts, status: 410 })).toMatchObject({
      kind: 'retry',
      error: 'http_410',
    })
  })

  it('waits as long as Retry-After asks, and never shorter than its own delay', () => {
    expect(attemptOutcome(policy, { ...facts, retryAfter: '30' })).toMatchObject({ dueAtMs: 1_030_000 })
    expect(attemptOutcome(policy, { ...facts, retryAfter: '1' })).toMatchObject({ dueAtMs: 1_005_000 })
    expect(attemptOutcome({ ...policy, honoursRetryAfter: false }, { ...facts, retryAfter: '30' })).toMatchObject({
      dueAtMs: 1_005_000,
    })
  })
})

describe('an endpoint asks to be left alone', () => {
  const asked = { status: 429, error: null, retryAfter: '30', nowMs: 1_000 } as const
  it.each([
    ['by 429', {}, 31_000],
    ['by 503', { status: 503 }, 31_000],
    ['by its token endpoint', { status: null, error: 'http_429' }, 31_000],
    ['for longer than a day', { retryAfter: '99999999999' }, 86_401_000],
    ['with another status', { status: 500 }, null],
    ['with success', { status: 200 }, null],
    ['without a time', { retryAfter: null }, null],
    ['with no time that can be read', { retryAfter: '-1' }, null],
  ] as const)('%s', (_case, more, untilMs) => {
    expect(endpointHoldUntilMs(policy, { ...asked, ...more })).toBe(untilMs)
  })

  it('in a dialect whose contract knows no Retry-After, it does not', () => {
    expect(endpointHoldUntilMs({ ...policy, honoursRetryAfter: false }, asked)).toBeNull()
  })
})

describe('Retry-After', () => {
  const nowMs = Date.UTC(2026, 0, 1)
  it.each([
    ['30', 30_000],
    [' 30 ', 30_000],
    ['0', 1_000],
    ['99999999999999999999', 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 1_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Thu Jan  1 00:01:00 2026', 60_000],
  ])('%s is %i ms', (text, expected) => {
    expect(retryAfterMs(text, nowMs)).toBe(expected)
  })

  it.each(['-1', 'soon', '', '1.5', '30s', 'NaN', '2026-01-01', 'Thu, 01 Jan 2026 00:01:00 CET'])(
    '%s is ignored',
    (text) => {
      expect(retryAfterMs(text, nowMs)).toBeNull()
    },
  )
})
