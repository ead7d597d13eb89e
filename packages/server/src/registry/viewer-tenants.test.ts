import { expect, test } from 'vitest'
import { nowMs, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { ViewerTenants } from './viewer-tenants.ts'
import { putRecord } from './writes.ts'

test('each viewer may see what has no tenant, and beside it what is its own', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const tenants = new ViewerTenants(directory, clock)
  await registry.commit([
    ...[1, 2].map((id) => putRecord('tenant', tenantOf(id))),
    putRecord('token', tokenOf('tok_1', 2, { expiresAt: new Date(nowMs + 10).toISOString() })),
  ])
  const integration = { sees: 'granted', integrationId: 'int_1', tenantId: null } as const
  expect([...tenants.tenantsOf({ sees: 'everything' })]).toEqual([0, 1, 2])
  expect([...tenants.tenantsOf(integration)]).toEqual([0, 2])
  // Somebody who looks at one of its tenants sees what that one has, granted or not: what is read is judged anyway.
  expect([...tenants.tenantsOf({ ...integration, tenantId: 1 })]).toEqual([0, 1])
  expect([...tenants.tenantsOf({ ...integration, sees: 'by-token', tenantId: 2, tokenId: 'tok_1' })]).toEqual([0, 2])
  expect([...tenants.tenantsOf({ sees: 'nothing' })]).toEqual([0])
  await clock.advance(10)
  expect([...tenants.tenantsOf(integration)]).toEqual([0])
})
