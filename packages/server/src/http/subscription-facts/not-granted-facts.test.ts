import { expect, test } from 'vitest'
import { notGrantedFacts } from './not-granted-facts.ts'

test('events without a grant are told by tenant, with when each one’s grant ended', () => {
  const firstAtMs = Date.parse('2026-01-01T00:00:00Z')
  const found = {
    ...{ events: 3, isExact: false, firstAtMs, lastAtMs: firstAtMs + 1_000 },
    tenants: [
      { tenantId: 1, events: 2 },
      { tenantId: 2, events: 1 },
    ],
  }
  const history = {
    ...{ hasEnded: true, lastEndMs: firstAtMs },
    endOf: (tenantId: number | bigint) => (tenantId === 1 ? firstAtMs : null),
  }
  expect(notGrantedFacts(found, history as never, firstAtMs + 2_000)).toEqual({
    ...{ events: 3, isExact: false, firstAt: '2026-01-01T00:00:00.000Z', lastAt: '2026-01-01T00:00:01.000Z' },
    tenants: [
      { tenantId: 1, events: 2, grantEndedAt: '2026-01-01T00:00:00.000Z' },
      { tenantId: 2, events: 1, grantEndedAt: null },
    ],
  })
})
