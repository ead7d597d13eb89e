import { expect, test } from 'vitest'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { isConcerned, mayHaveDelivery } from './concerned.ts'

/** Tenant 3 is below 2, and that below 1. */
const grants = { lineage: (id: number | bigint) => [3, 2, 1].filter((each) => each <= id) }
const event = { tenantId: 3, type: 'invoice.updated', entityKey: '7' }
const operational = { tenantId: 0, type: 'subscription.failing', entityKey: 'int_1 sub_9' }

test.each<[string, typeof event, Partial<Subscription>, mayHave: boolean, concerned: boolean]>([
  ['one for all tenants', event, {}, true, true],
  ['one that a token of the tenant made', event, { boundTenantId: 3 }, true, true],
  ['one that a token of an ancestor made, for its own tenant', event, { boundTenantId: 1 }, true, false],
  [
    'one that a token of an ancestor made, for all below it',
    event,
    { boundTenantId: 1, tenants: { kind: 'subtree', tenantId: 1 } },
    ...([true, true] as const),
  ],
  ['one that a token of another tenant made', event, { boundTenantId: 9 }, false, false],
  ['one for a list with the tenant', event, { tenants: { kind: 'list', tenantIds: [3] } }, true, true],
  // The list can be changed, so there may have been a delivery.
  ['one for a list without it', event, { tenants: { kind: 'list', tenantIds: [2] } }, true, false],
  ['what Tidings tells of the integration', operational, {}, true, true],
  ['what Tidings tells of another integration', operational, { integrationId: 'int_2' }, false, false],
  ['what Tidings tells of all, to one of a tenant', operational, { boundTenantId: 3 }, false, false],
])('%s', (_, told, rest, mayHave, concerned) => {
  const subscription = sampleSubscription('standard', rest)
  expect([mayHaveDelivery(subscription, told, grants), isConcerned(subscription, told, grants)]).toEqual([
    ...[mayHave, concerned],
  ])
})
