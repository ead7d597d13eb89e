import { expect, it } from 'vitest'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { keptTo, type Owner, owns, typesShownTo } from './caller.ts'

const bearing = (types: readonly string[] | null, tenantId = 1): Owner => {
  return { kind: 'integrator', integrationId: 'int_1', tenantId, token: { id: 'tok_1', types } }
}
const ownCredentials: Owner = { kind: 'integrator', integrationId: 'int_1', tenantId: null, token: null }
const of = (visibleTypes: readonly string[] | null): Subscription =>
  sampleSubscription('standard', { boundTenantId: 1, visibleTypes })
/** As it was stored before tokens' types were kept. */
const old = sampleSubscription('standard', { boundTenantId: 1 })

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
  ['a token has those from before', bearing(['invoice.*']), old, true],
])('%s', (_, owner, subscription, expected) => {
  expect(owns(owner, subscription)).toBe(expected)
})

it('what is from before keeps to the token that changes it, and nothing else does', () => {
  expect(keptTo(bearing(['invoice.*']), old).visibleTypes).toEqual(['invoice.*'])
  expect(keptTo(bearing(['invoice.*']), of(['invoice.updated'])).visibleTypes).toEqual(['invoice.updated'])
  expect(keptTo(ownCredentials, old)).toBe(old)
  expect(keptTo({ kind: 'operator' }, old)).toBe(old)
})

it('whoever brings a narrow token is shown its types of what it owns', () => {
  expect(typesShownTo(bearing(['invoice.*'])).allows('customer.updated')).toBe(false)
  expect(typesShownTo(ownCredentials).allows('customer.updated')).toBe(true)
})
