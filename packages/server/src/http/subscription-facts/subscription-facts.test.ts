import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { newEvent } from '../../engines/conformance/events.ts'
import { makeMemoryDeliveryStore } from '../../engines/memory/delivery-store.ts'
import { MemoryLog } from '../../engines/memory/log.ts'
import { tenantOf, tokenOf } from '../../registry/fixtures/records.ts'
import { makeTestRegistry } from '../../registry/fixtures/test-registry.ts'
import { GrantStanding } from '../../registry/grant-standing.ts'
import { grantsOf } from '../../registry/grants.ts'
import { putRecord } from '../../registry/writes.ts'
import { LogPlaces } from './log-places.ts'
import type { ReadingState } from './readings.ts'
import { SubscriptionFacts } from './subscription-facts.ts'

const subscription = sampleSubscription('standard', { boundTenantId: null, types: ['product.updated'] })
const keepsUp: ReadingState = { mode: 'shared', sequence: 9, catchUp: null, readTo: 3, pace: null }

/** A subscription that has settled the first of three events, and whose reading is as given. */
async function factsOf(reading: ReadingState | undefined) {
  const { registry, directory, clock } = await makeTestRegistry()
  await registry.commit([putRecord('tenant', tenantOf(1)), putRecord('token', tokenOf('tok_1', 1))])
  const log = new MemoryLog({ clock, epoch: 7 })
  await log.append(['a', 'b', 'c'].map((id) => newEvent({ id })))
  const catalogue = builtinCatalogue(new Set(['standard']))
  const shared = { directory, clock, catalogue: () => catalogue }
  const caps: number[] = []
  const atMs = clock.now()
  return {
    caps,
    facts: new SubscriptionFacts({
      readings: { reading: () => reading, behind: () => 2, settledTo: () => 1 },
      leftOut: {
        missed: async () => [
          {
            ...{ after: 1, to: 2, reason: 'catch_up_cancelled', atMs, isReadAgain: false, events: 1, isExact: true },
            ...{ dropped: 0, firstAtMs: atMs, lastAtMs: atMs },
          },
        ],
        async notGranted(_subscription, cap) {
          caps.push(cap)
          return null
        },
        async notGrantedAfter() {
          return { events: 1, isExact: true, firstAtMs: atMs, lastAtMs: atMs, tenants: [{ tenantId: 1, events: 1 }] }
        },
      },
      endpoints: { endpointOf: () => ({ breaker: 'open', inFlight: 4 }) },
      history: makeMemoryDeliveryStore(),
      standing: new GrantStanding({ ...shared, grants: grantsOf(directory, clock) }),
      places: new LogPlaces({
        log,
        catalogue: () => catalogue,
        offsetOf: ({ topic, position }) => `${topic}/${position}`,
      }),
      clock,
      retentionMs: 60_000,
    }),
  }
}

test('every answer says whether it is granted anything, and how far behind it is', async () => {
  const { facts } = await factsOf(keepsUp)
  expect(facts.shown(subscription)).toMatchObject({ id: 'sub_1', hasGrant: true, behind: 2, catchUp: null })
})

test('stats tell since when it is behind, and until when what it has not had is kept', async () => {
  const { facts } = await factsOf(keepsUp)
  expect(await facts.stats(subscription, 'operator')).toMatchObject({
    ...{ behind: 2, behindSince: '2026-01-01T00:00:00.000Z', keptUntil: '2026-01-01T00:01:00.000Z' },
    ...{ waiting: 0, failed: 0, sequence: 9, breaker: 'open', inFlight: 4, reading: 'shared', catchUp: null },
  })
  const { facts: unread } = await factsOf(undefined)
  expect(await unread.stats(subscription, 'operator')).toMatchObject({ sequence: 0, reading: 'shared', catchUp: null })
})

test('a catch-up is told with where it began, where it ends, and how much of it is read', async () => {
  const catchUp = { reason: 'rewind', sinceMs: 0, from: 1, pausedAtMs: null } as const
  const { facts } = await factsOf({ ...keepsUp, mode: 'own', catchUp, readTo: 2 })
  const { catchUp: progress } = await facts.stats(subscription, 'operator')
  expect(progress).toMatchObject({ state: 'running', reason: 'rewind', read: 1, behind: 2, eventsPerSecond: 0 })
  expect([Object.values(progress!.from.offsets), Object.values(progress!.to.offsets)]).toEqual([
    [expect.stringMatching(/\/1$/)],
    [expect.stringMatching(/\/3$/)],
  ])
})

test('what was skipped can be rewound to, and what is asked for often looks at less of the log', async () => {
  const { facts, caps } = await factsOf(keepsUp)
  const { skipped, deliveries } = await facts.missed(subscription, 'operator')
  expect(skipped).toMatchObject([
    { reason: 'catch_up_cancelled', events: 1, rewind: { to: { time: '2026-01-01T00:00:00.000Z' } } },
  ])
  expect(deliveries).toMatchObject({ waiting: 0, failed: 0 })
  await facts.stats(subscription, 'operator')
  expect(caps[0]).toBeGreaterThan(caps[1]!)
})

test('a rewind tells what it comes by again, and what of that is not sent', async () => {
  const { facts } = await factsOf(keepsUp)
  expect(facts.eventsAfter(1)).toBe(2)
  expect(await facts.notGrantedAfter(subscription, 1)).toMatchObject({ events: 1, tenants: [{ grantEndedAt: null }] })
})
