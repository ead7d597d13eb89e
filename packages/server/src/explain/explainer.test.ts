import { expect, test } from 'vitest'
import { noTiming } from '../core/delivery/attempt-timing.ts'
import { soleLease } from '../core/delivery/lease.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { nothingSettled } from '../deliver/settling/settling-store.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeMemoryDeliveryStore } from '../engines/memory/delivery-store.ts'
import { compileSubscription } from '../match/compiled-subscription.ts'
import { createAccessToken, deleteAccessToken } from '../registry/access-tokens.ts'
import { makeTestRegistry } from '../registry/fixtures/test-registry.ts'
import { grantRecords } from '../registry/grant-records.ts'
import { grantsOf } from '../registry/grants.ts'
import { createIntegration } from '../registry/integrations.ts'
import { createTenant } from '../registry/tenants.ts'
import { Explainer, expired } from './explainer.ts'
import { facts } from './fixtures/facts.ts'

/** A tenant that granted an integration, an event that was read past, and a subscription of that integration. */
async function startWorld(rest: Partial<Subscription> = {}) {
  const { registry, directory, clock } = await makeTestRegistry()
  await createTenant(registry, { id: 1 })
  const { id: integrationId } = await createIntegration(registry, { name: 'One' })
  const store = makeMemoryDeliveryStore()
  const { standing, event: sample } = facts()
  const event: StoredEvent = { ...sample, appendedAtMs: clock.now() + 1_000 }
  const subscription = sampleSubscription('standard', { integrationId, ...rest })
  const current = { standing }
  let flushed = 0
  const explainer = new Explainer({
    grants: grantsOf(directory, clock),
    history: store,
    grantRecords: grantRecords(directory, { page: async () => ({ entries: [], next: null }) }, () => clock.now()),
    readers: {
      compiled: compileSubscription,
      eventStandingOf: () => current.standing,
      async flush() {
        flushed += 1
      },
    },
    deliveryIdOf: ({ subscription: number, partition, position }) => `dlv ${number} ${partition} ${position}`,
  })
  const grant = () => createAccessToken(registry, integrationId, { tenantId: 1 })
  return {
    ...{ registry, clock, store, event, subscription, current, explainer, grant, integrationId },
    explain: () => explainer.explain(subscription, event),
    flushed: () => flushed,
  }
}

test('an event that was delivered says so, with the delivery’s id, once all that is settled is stored', async () => {
  const { explain, grant, store, event, flushed } = await startWorld()
  await grant()
  const row = {
    ...{ subscription: 1, partition: event.partition, position: event.position, topic: event.topic, type: event.type },
    ...{ tenantId: 1, entityKey: event.entityKey, sequence: 1 },
  }
  const attempt = {
    ...row,
    attempt: 1,
    atMs: 0,
    durationMs: 1,
    timing: noTiming,
    answerHeaders: null,
    status: 200,
    error: null,
    body: null,
  }
  await store.settle({ ...nothingSettled, attempts: [{ ...attempt, outcome: 'delivered' }] }, soleLease)
  expect(await explain()).toMatchObject({
    ...{ subscription: 'sub_1', event: 'inv-1', due: true, reason: 'delivered', delivery: 'dlv 1 0 10' },
    mend: [{ action: 'resend', delivery: 'dlv 1 0 10' }],
  })
  expect(flushed()).toBe(1)
})

test('one without a delivery has none to name, though it could be sent', async () => {
  const { explain, grant, current } = await startWorld()
  await grant()
  current.standing = { ...current.standing, isPending: true }
  expect(await explain()).toMatchObject({ reason: 'waiting', due: true, delivery: null })
})

test('a filter that it does not meet is told with the value that the event has', async () => {
  const { explain, grant } = await startWorld({ filter: '{"entityId":["other"]}' })
  await grant()
  const { reason, detail, due } = await explain()
  expect([reason, due]).toEqual(['filtered', false])
  expect(detail).toMatch(/entityId/)
})

test('a grant that was made after the event was published did not stand for it', async () => {
  const { explain, grant, clock } = await startWorld()
  await clock.advance(5_000)
  await grant()
  expect(await explain()).toMatchObject({
    reason: 'not_granted',
    detail: expect.stringMatching(/since 2026-01-01T00:00:05/),
  })
})

test('one that stood and was read past, was published before the start', async () => {
  const { explain, grant } = await startWorld()
  await grant()
  expect(await explain()).toMatchObject({ reason: 'before_start' })
})

test('what is ahead is not asked about the grants of then: it will be judged when it is read', async () => {
  const { explain, grant, clock, current, event } = await startWorld()
  await clock.advance(5_000)
  await grant()
  const { reading } = current.standing
  current.standing = { ...current.standing, reading: { ...reading!, readTo: event.position - 1 } }
  expect(await explain()).toMatchObject({ reason: 'waiting' })
})

test('the end of a grant is told where no grant stands', async () => {
  const { explain, grant, registry, integrationId } = await startWorld()
  const { id } = await grant()
  await deleteAccessToken(registry, integrationId, id)
  const { reason, detail, mend } = await explain()
  expect([reason, mend.map(({ action }) => action)]).toEqual(['not_granted', ['grant', 'rewind']])
  expect(detail).toContain(`Access token ${id} was revoked`)
})

test('a grant of an ancestor counts for a subscription of a subtree, and for no other', async () => {
  const subtree = await startWorld({ tenants: { kind: 'subtree', tenantId: 1 } })
  await createTenant(subtree.registry, { id: 2, parentId: 1 })
  await subtree.grant()
  const event = { ...subtree.event, tenantId: 2 }
  expect(await subtree.explainer.explain(subtree.subscription, event)).toMatchObject({ reason: 'before_start' })
  const own = { ...subtree.subscription, tenants: { kind: 'granted' as const } }
  expect(await subtree.explainer.explain(own, event)).toMatchObject({ reason: 'not_granted' })
})

test('since when a grant stands is said of an ancestor’s too, where that counts', async () => {
  const { explainer, subscription, event, registry, clock, grant } = await startWorld({
    tenants: { kind: 'subtree', tenantId: 1 },
  })
  await createTenant(registry, { id: 2, parentId: 1 })
  await clock.advance(5_000)
  await grant()
  const { detail } = await explainer.explain(subscription, { ...event, tenantId: 2 })
  expect(detail).toMatch(/No grant stood when the event was published\. .* since 2026-01-01T00:00:05/)
})

test('an event that the log has not any more is told by what it was asked for by', () => {
  expect(expired(sampleSubscription('standard'), 'inv-1')).toMatchObject({
    ...{ subscription: 'sub_1', event: 'inv-1', due: false, reason: 'expired', delivery: null, mend: [] },
  })
})
