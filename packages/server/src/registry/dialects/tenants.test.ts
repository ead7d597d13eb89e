import { expect, test } from 'vitest'
import { nowMs, tenantOf, tokenOf } from '../fixtures/records.ts'
import { makeTestRegistry } from '../fixtures/test-registry.ts'
import { putRecord } from '../writes.ts'
import { Tenants } from './tenants.ts'

test('tenants are told with those below them, and who granted an integration something while that is good', async () => {
  const { registry, directory, clock } = await makeTestRegistry()
  const tenants = new Tenants(directory, clock)
  await registry.commit([
    ...[tenantOf(1), tenantOf(2, 1), tenantOf(3, 2), tenantOf(9)].map((tenant) => putRecord('tenant', tenant)),
    putRecord('token', tokenOf('tok_1', 2, { expiresAt: new Date(nowMs + 10).toISOString() })),
  ])
  expect(tenants.firstGranted()).toBe(2)
  expect(tenants.tenant(2)).toEqual(tenantOf(2, 1))
  expect(tenants.tenant(4)).toBeUndefined()
  expect([...tenants.subtree(1)].sort()).toEqual([1, 2, 3])
  expect([...tenants.subtree(9)]).toEqual([9])
  expect([tenants.isWithin(3, 1), tenants.isWithin(1, 1), tenants.isWithin(1, 3), tenants.isWithin(9, 1)]).toEqual([
    ...[true, true, false, false],
  ])
  expect([tenants.familyOf(2), tenants.familyOf(9)]).toEqual([
    { parentTenantId: 1, hasChildTenants: true },
    { parentTenantId: null, hasChildTenants: false },
  ])
  expect([...tenants.grantedTo('int_1')]).toEqual([2])
  await clock.advance(10)
  expect([...tenants.grantedTo('int_1')]).toEqual([])
})
