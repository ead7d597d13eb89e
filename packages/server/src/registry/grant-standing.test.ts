import { expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { nowMs } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { GrantStanding } from './grant-standing.ts'
import { grantsOf } from './grants.ts'
import { createIntegration } from './integrations.ts'
import { createTenant } from './tenants.ts'

async function standingOf() {
  const { registry, directory, clock } = await makeTestRegistry()
  for (const id of [1, 2]) await createTenant(registry, { id })
  const { id: integrationId } = await createIntegration(registry, { name: 'one' })
  const catalogue = builtinCatalogue(new Set(['standard']))
  const standing = new GrantStanding({
    ...{ directory, clock, grants: grantsOf(directory, clock), catalogue: () => catalogue },
  })
  const subscription = sampleSubscription('standard', { integrationId, boundTenantId: null })
  const grant = (tenantId: number, expiresAt?: string) =>
    createAccessToken(registry, integrationId, { tenantId, ...(expiresAt ? { expiresAt } : {}) })
  return { registry, clock, standing, subscription, integrationId, grant }
}

test('a subscription is granted something while some tenant grants its integration anything', async () => {
  const { registry, clock, standing, subscription, integrationId, grant } = await standingOf()
  expect(standing.hasGrant(subscription)).toBe(false)
  await grant(1, new Date(nowMs + 10).toISOString())
  const { id } = await grant(2)
  const ofFirst = { ...subscription, tenants: { kind: 'list', tenantIds: [1] } as const }
  expect([standing.hasGrant(subscription), standing.hasGrant(ofFirst)]).toEqual([true, true])
  await clock.advance(10)
  expect([standing.hasGrant(subscription), standing.hasGrant(ofFirst)]).toEqual([true, false])
  await deleteAccessToken(registry, integrationId, id)
  expect(standing.hasGrant(subscription)).toBe(false)
})

test('one that asks for Tidings’ own events alone needs none', async () => {
  const { standing, subscription } = await standingOf()
  expect(standing.hasGrant({ ...subscription, types: ['subscription.*'] })).toBe(true)
  expect(standing.hasGrant({ ...subscription, types: ['subscription.*', 'product.*'] })).toBe(false)
})

test('its grant ended when the last one did that it had; one that never had any has no end', async () => {
  const { clock, standing, subscription, integrationId, grant } = await standingOf()
  const endedMs = (rest: object = {}) =>
    standing.endedMs({ ...subscription, ...rest }, standing.historyOf(integrationId))
  expect(endedMs()).toBeNull()
  await grant(1, new Date(nowMs + 10).toISOString())
  await grant(2, new Date(nowMs + 20).toISOString())
  await clock.advance(30)
  expect(endedMs()).toBe(nowMs + 20)
  expect(endedMs({ boundTenantId: 1 })).toBe(nowMs + 10)
  expect(endedMs({ tenants: { kind: 'subtree', tenantId: 2 } })).toBe(nowMs + 20)
  expect(endedMs({ tenants: { kind: 'list', tenantIds: [1, 2] } })).toBe(nowMs + 20)
  expect(endedMs({ tenants: { kind: 'list', tenantIds: [] } })).toBeNull()
})
