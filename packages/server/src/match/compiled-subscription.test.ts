import { describe, expect, it, test } from 'vitest'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import {
  compileSubscription,
  type GrantRefusal,
  grantRefusal,
  isGranted,
  isMatch,
  isOfTenant,
  type MatchRefusal,
  matchRefusal,
} from './compiled-subscription.ts'
import { grantsOf } from './fixtures/grants.ts'

function eventWith(some: Partial<StoredEvent> = {}): StoredEvent {
  return {
    ...{ partition: 0, position: 7, topic: 'invoices', tenantId: 2, type: 'invoice.updated', entityKey: '1' },
    ...{ isQuiet: false, appendedAtMs: 0 },
    head: '"type":"invoice.updated","timestamp":"2026-01-01T00:00:00.000Z","tenantId":2,"entityId":"1"',
    tail: '"id":"1","data":{"total":5}',
    ...some,
  }
}
const subscribing = (some: Partial<Subscription> = {}) => sampleSubscription('standard', some)

describe('a subscription is for a tenant', () => {
  const { lineage } = grantsOf([])
  it.each<[string, Partial<Subscription>, number[]]>([
    ['any, when it asks for all that are granted', {}, [1, 2, 3, 4]],
    ['and its descendants, when it asks for a subtree', { tenants: { kind: 'subtree', tenantId: 1 } }, [1, 2, 3]],
    ['of its list alone', { tenants: { kind: 'list', tenantIds: [2, 4] } }, [2, 4]],
    ['that made it by its token', { boundTenantId: 1 }, [1]],
    [
      'below the one that made it, where it asks for a subtree',
      { boundTenantId: 1, tenants: { kind: 'subtree', tenantId: 2 } },
      [2],
    ],
    [
      'of its list, and below the one that made it',
      { boundTenantId: 1, tenants: { kind: 'list', tenantIds: [1, 3, 4] } },
      [1, 3],
    ],
  ])('%s', (_, some, tenants) => {
    expect([1, 2, 3, 4].filter((tenantId) => isOfTenant(subscribing(some), tenantId, { lineage }))).toEqual(tenants)
  })
})

describe('a subscription may be sent an event', () => {
  const onlyCustomers = (type: string) => type.startsWith('customer.')
  const operational = { tenantId: 0, type: 'subscription.failing', entityKey: 'int_1 sub_1' }
  it.each<[string, GrantRefusal | null, Partial<Subscription>, ReturnType<typeof grantsOf>, Partial<StoredEvent>]>([
    ['by a grant of the very tenant', null, {}, grantsOf([['int_1', 2]]), {}],
    ['not by a grant of its parent', 'no_grant', {}, grantsOf([['int_1', 1]]), {}],
    [
      'by a grant of its parent, where it asks for a subtree',
      null,
      { tenants: { kind: 'subtree', tenantId: 1 } },
      grantsOf([['int_1', 1]]),
      {},
    ],
    ["not by another integration's grant", 'no_grant', {}, grantsOf([['int_2', 2]]), {}],
    ['not of another tenant', 'other_tenant', { boundTenantId: 4 }, grantsOf([['int_1', 2]]), {}],
    ['not of a type that the grant does not show', 'type_not_granted', {}, grantsOf([['int_1', 2]], onlyCustomers), {}],
    [
      'not of a type that the token which made it did not show',
      'beyond_its_token',
      { visibleTypes: ['customer.*'] },
      grantsOf([['int_1', 2]]),
      {},
    ],
    ['of what Tidings tells of its own integration', null, {}, grantsOf([]), operational],
    ['not of what it tells of another', 'other_tenant', { integrationId: 'int_2' }, grantsOf([]), operational],
    [
      "not of what it tells of the whole integration, made by one tenant's token",
      'other_tenant',
      { boundTenantId: 2 },
      grantsOf([]),
      operational,
    ],
    [
      'not of what it tells, beyond what its token showed',
      'beyond_its_token',
      { visibleTypes: ['invoice.*'] },
      grantsOf([]),
      operational,
    ],
  ])('%s', (_, refusal, some, grants, event) => {
    expect(grantRefusal(subscribing(some), eventWith(event), grants)).toBe(refusal)
    expect(isGranted(subscribing(some), eventWith(event), grants)).toBe(refusal === null)
  })
})

describe('an event is a subscription’s', () => {
  const grants = grantsOf([['int_1', 2]])
  const only5 = JSON.stringify({ data: { total: [5] } })
  const only6 = JSON.stringify({ data: { total: [6] } })
  it.each<[string, MatchRefusal | null, Partial<Subscription>, Partial<StoredEvent>]>([
    ['when nothing stands against it', null, {}, {}],
    ['not when it is quiet', 'quiet', {}, { isQuiet: true }],
    ['not of a type that it does not ask for', 'type_not_subscribed', { types: ['customer.*'] }, {}],
    ['when one of its patterns fits', null, { types: ['customer.*', 'invoice.*'] }, {}],
    ['not by `*`, of what Tidings tells of itself', 'type_not_subscribed', {}, { type: 'subscription.failing' }],
    ['not of a type that its dialect cannot name', 'not_in_dialect', {}, { type: 'unnamed.created' }],
    ['not at the floor of its topic', 'before_start', { topicFloors: { invoices: 7 } }, {}],
    ['after the floor of its topic', null, { topicFloors: { invoices: 6, '*': 9 } }, {}],
    [
      'not at the floor of the topics that are not named',
      'before_start',
      { topicFloors: { customers: 1, '*': 7 } },
      {},
    ],
    ['of a topic without a floor, where others have one', null, { topicFloors: { customers: 9 } }, {}],
    ['not without a grant', 'not_granted', {}, { tenantId: 3 }],
    ['when its filter passes it', null, { filter: only5 }, {}],
    ['not when its filter stops it', 'filtered', { filter: only6 }, {}],
    ['and its filter is the last to be asked', 'not_granted', { filter: only6 }, { tenantId: 3 }],
  ])('%s', (_, refusal, some, event) => {
    const compiled = compileSubscription(subscribing(some), (type) => !type.startsWith('unnamed.'))
    expect(matchRefusal(compiled, eventWith(event), grants)).toBe(refusal)
    expect(isMatch(compiled, eventWith(event), grants)).toBe(refusal === null)
  })
})

test('what Tidings tells of itself is had by its name', () => {
  const { wantsType } = compileSubscription(subscribing({ types: ['subscription.failing'] }))
  expect(wantsType('subscription.failing')).toBe(true)
  expect(wantsType('subscription.recovered')).toBe(false)
  expect(wantsType('invoice.updated')).toBe(false)
})

test('a stored filter that does not parse is said by the id of its subscription', () => {
  expect(() => compileSubscription(subscribing({ id: 'sub_9', filter: '{' }))).toThrow('sub_9')
})
