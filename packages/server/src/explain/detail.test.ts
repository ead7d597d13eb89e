import { describe, expect, test } from 'vitest'
import type { AttemptRecord } from '../core/delivery/attempt-record.ts'
import { heldDueMs } from '../deliver/entities/entity-ledger.ts'
import { detailOf } from './detail.ts'
import { endedIn, event, facts, type Given, publishedAtMs, reading, span } from './fixtures/facts.ts'
import type { Reason } from './reason.ts'

const said = (reason: Reason, given: Given = {}) => detailOf(reason, facts(given))
const accepted = {
  attempt: 3,
  atMs: publishedAtMs,
  durationMs: 1,
  status: 204,
  error: null,
  body: null,
} as AttemptRecord

test('a delivery says which attempt was accepted, or nothing that is not known', () => {
  expect(said('delivered', { delivery: { lastAttempt: accepted } })).toBe(
    'The endpoint accepted attempt 3 at 2026-01-31T12:00:00.000Z with HTTP status 204.',
  )
  expect(said('delivered')).toBe('The endpoint accepted it.')
})

describe('an attempt that failed', () => {
  const failed = (lastAttempt: AttemptRecord | null) => said('failed', { delivery: { lastAttempt } })

  test('says what was answered, quoted and no longer than a line, and what that means', () => {
    expect(failed(endedIn('http_500', `no "luck"${'x'.repeat(500)}`))).toBe(
      `Attempt 1 at 2026-01-31T12:00:00.000Z ended in http_500 (the endpoint answered: "no \\"luck\\"${'x'.repeat(191)}"). No further attempt follows.`,
    )
    expect(failed(endedIn('dns_failed'))).toMatch(/ended in dns_failed: the endpoint's host name has no address/)
  })

  test('by its status, where a status alone made it fail', () => {
    expect(failed({ ...accepted, status: 202 })).toMatch(/ended in HTTP status 202\. No further/)
  })

  test('before any, says so', () => {
    expect(failed(null)).toBe('It was not attempted yet. No further attempt follows.')
  })
})

describe('what waits', () => {
  const delivery = { lastAttempt: endedIn('http_500') }

  test.each([
    [publishedAtMs + 1_000, /The next attempt is at 2026-01-31T12:00:01\.000Z\.$/],
    [heldDueMs, /waits for an older event of its entity/],
    [null, /waits for an older event of its entity/],
  ])('until %s says for what', (nextAttemptAtMs, words) => {
    expect(said('waiting', { delivery: { ...delivery, nextAttemptAtMs } })).toMatch(words)
  })

  test.each([
    [false, /has failed again and again, so nothing is sent to it until 2026-01-31T12:00:00\.000Z\.$/],
    [true, /asked for a pause with Retry-After.*Disabling and enabling the subscription ends the pause sooner\.$/],
  ])('behind a pause (asked for: %s) says until when', (isPauseAskedFor, words) => {
    const standing = { pausedUntilMs: publishedAtMs, isPauseAskedFor }
    expect(said('waiting', { delivery: { ...delivery, nextAttemptAtMs: publishedAtMs }, standing })).toMatch(words)
    expect(said('waiting', { standing: { ...standing, isPending: true } })).toMatch(words)
  })

  test.each([
    [9, '1 place of the log ahead'],
    [7, '3 places of the log ahead'],
  ])('because reading came to %i says how far it has to go', (readTo, words) => {
    expect(said('waiting', { standing: reading(readTo) })).toContain(words)
  })

  test('without a reading, all of the log is ahead', () => {
    expect(said('waiting', { standing: { reading: undefined } })).toContain(`${event.position} places`)
  })
})

describe('what is not granted', () => {
  const subscription = { boundTenantId: 2, tenants: { kind: 'subtree', tenantId: 5 } as const }

  test('names whom the subscription is for', () => {
    const list = (count: number) => ({
      kind: 'list' as const,
      tenantIds: Array.from({ length: count }, (_, i) => i + 2),
    })
    const other = (given: Given) => said('not_granted', { grantRefusal: 'other_tenant', ...given })
    expect(other({ subscription })).toMatch(/token of tenant 2 made it, and it is for tenant 5 and those below it\.$/)
    expect(other({ subscription: { tenants: list(20) } })).toMatch(/20, 21\.$/)
    expect(other({ subscription: { tenants: list(21) } })).toMatch(/20, 21, …\.$/)
  })

  test('of what Tidings tells, says whose it is not', () => {
    const operational = { ...event, type: 'subscription.failing' }
    expect(said('not_granted', { grantRefusal: 'other_tenant', event: operational })).toMatch(/of another integration/)
  })

  test('ends with how the last grant ended, where that is known', () => {
    const ended = (end: Given['grants']) =>
      said('not_granted', { grantRefusal: 'no_grant', ...(end && { grants: end }) })
    expect(ended({})).toBe('Tenant 1 grants integration int_1 nothing now.')
    expect(ended({ end: { kind: 'revoked', at: 'T', tokenId: 'tok_1', by: null } })).toMatch(
      /tok_1 was revoked at T\.$/,
    )
  })
})

test('what Tidings tells of itself has to be asked for by name', () => {
  const words = 'has to be asked for by name'
  expect(said('type_not_subscribed', { event: { ...event, type: 'subscription.failing' } })).toContain(words)
  expect(said('type_not_subscribed')).not.toContain(words)
})

test('a stretch that was left out is named when it held the event, by its own borders', () => {
  const at = (after: number, to: number) => {
    return said('skipped', { standing: reading(30, [{ ...span('catch_up_cancelled'), after, to }]) })
  }
  expect(at(9, 10)).toContain('its catching up was cancelled')
  expect(at(10, 20)).not.toContain('cancelled')
  expect(at(5, 9)).not.toContain('cancelled')
})

test('a disabled one says why and since when, as far as that is known', () => {
  expect(said('disabled', { subscription: { status: 'disabled' } })).toContain('at an unknown time (by_request)')
})
