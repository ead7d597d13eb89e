import { expect, it } from 'vitest'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { grantsOf } from './fixtures/grants.ts'
import { hasGrantedTenant } from './granted-tenants.ts'

// 1 is the parent of 2 and 3, 4 stands alone.
it.each<[string, boolean, Partial<Subscription>, number[]]>([
  ['one tenant grants something', true, {}, [4]],
  ['nobody grants anything', false, {}, []],
  ['its own tenant does', true, { boundTenantId: 2 }, [2]],
  ['another tenant than its own does', false, { boundTenantId: 2 }, [3]],
  ['one of its list does', true, { tenants: { kind: 'list', tenantIds: [3, 4] } }, [4]],
  ['the parent of one of its list does', true, { tenants: { kind: 'list', tenantIds: [2] } }, [1]],
  ['none of its list does', false, { tenants: { kind: 'list', tenantIds: [3, 4] } }, [2]],
  ['the head of its subtree does', true, { tenants: { kind: 'subtree', tenantId: 1 } }, [1]],
  ['a descendant in its subtree does', true, { tenants: { kind: 'subtree', tenantId: 1 } }, [3]],
  ['only tenants outside its subtree do', false, { tenants: { kind: 'subtree', tenantId: 1 } }, [4]],
  // What the token showed is no matter: the grant may be widened.
  ['what its token showed is none of what is granted', true, { visibleTypes: ['customer.*'] }, [4]],
])('whether a subscription has a tenant: %s', (_, expected, some, granted) => {
  const pairs = granted.map((tenantId) => ['int_1', tenantId] as const)
  const subscription = sampleSubscription('standard', some)
  expect(hasGrantedTenant(subscription, grantsOf(pairs), () => granted)).toBe(expected)
  // Whichever types the grants show, were it none.
  expect(
    hasGrantedTenant(
      subscription,
      grantsOf(pairs, () => false),
      () => granted,
    ),
  ).toBe(expected)
})

it('another integration’s grants are none of its', () => {
  const subscription = sampleSubscription('standard')
  expect(hasGrantedTenant(subscription, grantsOf([['int_2', 4]]), () => [4])).toBe(false)
})
