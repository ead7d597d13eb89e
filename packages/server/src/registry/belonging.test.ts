import { expect, test } from 'vitest'
import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { RegistryKind } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { belongingOf, RequestedBelongings, recordOf } from './belonging.ts'
import { createdAt, integrationOf, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { putRecord } from './writes.ts'

const key = { id: 'key_1', kind: 'portal' as const, name: null, hash: 'h', createdAt }
const portal = { ...key, portal: { integrationId: 'int_1', expiresAt: createdAt } }
const subscription = sampleSubscription('standard', { boundTenantId: 7 })

test.each<[string, RegistryKind, string, unknown, string | null, number | bigint | null]>([
  ['a tenant is about itself, also when it is gone', 'tenant', '9223372036854775807', null, null, 9223372036854775807n],
  ['an integration is its own', 'integration', 'int_1', null, 'int_1', null],
  ['a token is of its integration and its tenant', 'token', 'tok_1', tokenOf('tok_1', 7), 'int_1', 7],
  ['a subscription that a token made is about its tenant', 'subscription', 'sub_1', subscription, 'int_1', 7],
  ['one for all tenants is about none', 'subscription', 'sub_1', sampleSubscription('standard'), 'int_1', null],
  ['a portal’s key is of the integration that it shows', 'key', 'key_1', portal, 'int_1', null],
  ['an operator’s key is nobody’s', 'key', 'key_1', key, null, null],
  [
    'a portal’s session is its integration’s and its tenant’s',
    'session',
    'ses_1',
    { portal: { integrationId: 'int_1', tenantId: 7 } },
    'int_1',
    7,
  ],
  [
    'an event type is nobody’s',
    'eventType',
    'a.b',
    { type: 'a.b', definition: { integrationId: 'int_1' } },
    null,
    null,
  ],
  ['what is not there is nobody’s', 'token', 'tok_1', null, null, null],
])('%s', (_, kind, id, record, integrationId, tenantId) => {
  expect(belongingOf(kind, id, record)).toEqual({ integrationId, tenantId })
})

test('a record of every kind is found as the directory shows it', async () => {
  const { registry, directory } = await makeTestRegistry()
  const owned = {
    id: 'rec_1',
    dialect: 'tripletex',
    integrationId: 'int_1',
    value: {},
    createdAt,
    updatedAt: createdAt,
  }
  const grant = { integrationId: 'int_1', tenantId: 7, types: null, grantedAt: createdAt, expiresAt: null }
  const resend = { integrationId: 'int_1', boundTenantId: null, visibleTypes: null, filter: { status: 'failed' } }
  const credential = { clientId: null, hash: 'a' }
  const portal = { integrationId: 'int_1', tenantId: 7, appearance: null }
  const records: { readonly [K in RegistryKind]: [string, Parameters<typeof putRecord<K>>[1]] } = {
    tenant: ['7', tenantOf(7)],
    integration: ['int_1', integrationOf('int_1')],
    token: ['tok_1', tokenOf('tok_1', 7)],
    key: ['key_1', key],
    subscription: ['sub_1', subscription],
    deletedSubscription: ['9', { number: 9, deletedAt: createdAt }],
    eventType: ['a.b', { type: 'a.b', definition: {} }],
    dialectRecord: ['rec_1', owned],
    resend: [
      'rsd_1',
      {
        ...{ id: 'rsd_1', subscriptionId: 'sub_1', ...resend, status: 'running' as const },
        ...{ resent: 0, skipped: 0, cursor: null, startedAt: createdAt, endedAt: null },
      },
    ],
    endedToken: ['tok_9', { id: 'tok_9', expiresAt: null }],
    session: ['ses_1', { id: 'ses_1', credential, portal, createdAt, expiresAt: createdAt }],
    signInLink: ['lnk_1', { id: 'lnk_1', hash: 'b', credential, portal, createdAt, expiresAt: createdAt }],
    endedGrant: ['tok_8', { id: 'tok_8', ...grant, endedAt: createdAt }],
  }
  for (const [kind, [id, record]] of Object.entries(records) as [RegistryKind, [string, never]][]) {
    expect([kind, recordOf(directory, kind, id)]).toEqual([kind, null])
    await registry.commit([putRecord(kind, record)])
    expect([kind, recordOf(directory, kind, id)]).toEqual([kind, record])
  }
})

test('a request is about the subscription that its route names, or the delivery of one', async () => {
  const { registry, directory } = await makeTestRegistry()
  await registry.commit([putRecord('subscription', subscription)])
  const belongings = new RequestedBelongings(directory, 7)
  const its = { integrationId: 'int_1', tenantId: 7 }
  const deliveryId = encodeDeliveryId({ subscription: subscription.number, partition: 0, position: 3, epoch: 7 })
  expect(belongings.belongingOf('subscriptions', 'sub_1')).toEqual(its)
  expect(belongings.belongingOf('deliveries', deliveryId)).toEqual(its)
  expect(belongings.belongingOf('deliveries', 'dlv_unknown')).toBeNull()
  expect(belongings.belongingOf('backups', 'sub_2')).toBeNull()
})
