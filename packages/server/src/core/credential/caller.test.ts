import { expect, it } from 'vitest'
import { sampleSubscription } from '../../dialects/samples.ts'
import type { Subscription } from '../registry/registry.ts'
import { type Caller, type Owner, ownerFor, owns } from './caller.ts'

const bearing = (types: readonly string[] | null, tenantId = 1): Owner => {
  return { kind: 'integrator', integrationId: 'int_1', tenantId, token: { id: 'tok_1', types } }
}
const ownCredentials: Owner = { kind: 'integrator', integrationId: 'int_1', tenantId: null, token: null }
const of = (visibleTypes: readonly string[] | null): Subscription =>
  sampleSubscription('standard', { boundTenantId: 1, visibleTypes })

it.each<[string, Owner, Subscription, boolean]>([
  ['the operator has all', { kind: 'operator' }, of(null), true],
  ['the integration has all of its own', ownCredentials, of(null), true],
  ['a token has those that show as much', bearing(['invoice.*']), of(['invoice.*']), true],
  ['a token has those that show less', bearing(['invoice.*']), of(['invoice.updated']), true],
  ['a token of everything has those that show everything', bearing(null), of(null), true],
  ['a narrow token has none that show more', bearing(['invoice.*']), of(['invoice.*', 'customer.*']), false],
  ['a narrow token has none that show everything', bearing(['invoice.*']), of(null), false],
  ['a token has none of another tenant', bearing(null, 2), of(null), false],
  ['a token has none of all tenants', bearing(null), sampleSubscription('standard'), false],
  ['nobody has those of another integration', { ...ownCredentials, integrationId: 'int_2' }, of(null), false],
])('%s', (_, owner, subscription, expected) => {
  expect(owns(owner, subscription)).toBe(expected)
})

const portal: Caller = { kind: 'portal', keyId: 'key_1', integrationId: 'int_1' }

it.each<[string, Caller, Owner | undefined]>([
  ['the operator looks after everything', { kind: 'operator', keyId: 'key_1' }, { kind: 'operator', keyId: 'key_1' }],
  ['a token stays narrow', bearing(['invoice.*']), bearing(['invoice.*'])],
  ['a portal looks after what its integration has, for all tenants', portal, ownCredentials],
  ['a publisher looks after nothing', { kind: 'publisher' }, undefined],
])('%s', (_, caller, owner) => {
  expect(ownerFor(caller)).toEqual(owner)
})
