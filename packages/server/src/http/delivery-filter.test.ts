import { describe, expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { searchOf } from './delivery-filter.ts'

const subscriptions = [3, 5].map((number) => sampleSubscription('standard', { number }))

test('nothing asked for is everything of the subscriptions', () => {
  expect(searchOf(subscriptions, {})).toEqual({
    ...{ subscriptions: [3, 5], statuses: null, wantsType: null, tenants: null, entityKey: null, error: null },
    ...{ sinceMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
  })
})

test('what is asked for is looked for', () => {
  const asked = { types: ['invoice.*'], tenants: [1, 9007199254740993n], entity: '7', error: 'http_500' }
  const times = { since: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00+01:00' }
  const search = searchOf(subscriptions, { ...asked, ...times })
  expect(search).toMatchObject({
    ...{ tenants: new Set([1, 9007199254740993n]), entityKey: '7', error: 'http_500' },
    ...{ sinceMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2026, 0, 1, 23) },
  })
  expect(['invoice.updated', 'order.created'].map((type) => search.wantsType!(type))).toEqual([true, false])
})

describe('a status', () => {
  test.each([
    ['waiting', ['waiting']],
    ['delivered', ['delivered']],
    ['failed', ['failed']],
    ['superseded', ['superseded']],
    ['undelivered', ['waiting', 'failed']],
  ])('%s means %j', (status, expected) => {
    expect([...searchOf(subscriptions, { status }).statuses!]).toEqual(expected)
  })
})

test.each([
  [{ status: 'lost' }, '/status'],
  [{ types: ['invoice.*', 'no pattern'] }, '/types'],
  [{ since: 'yesterday' }, '/since'],
  [{ until: '2026-01-01' }, '/until'],
])('%j is refused, with its place', (asked, pointer) => {
  expect(() => searchOf(subscriptions, asked)).toThrow(
    expect.objectContaining({ code: 'malformed_request', errors: [expect.objectContaining({ pointer })] }),
  )
})
