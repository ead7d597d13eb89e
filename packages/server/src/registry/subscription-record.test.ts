import { describe, expect, test } from 'vitest'
import type { Subscription } from '../core/registry/registry.ts'
import type { EndpointDraft, SubscriptionDraft } from '../core/subscription/subscription-draft.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { changedSubscription, newSubscription } from './subscription-record.ts'

const madeAt = '2026-01-01T00:00:00.000Z'
const changedAt = '2026-01-02T00:00:00.000Z'
const url = 'https://example.com/hook'
const seal = (text: string) => `sealed(${text})`

const make = (draft: SubscriptionDraft): Subscription =>
  newSubscription(
    draft,
    {
      ...{ id: 'sub_1', number: 3, integrationId: 'int_1', boundTenantId: 7, visibleTypes: ['invoice.*'] },
      ...{ secrets: [], topicFloors: null, url, nowText: madeAt },
    },
    seal,
  )
const change = (before: Subscription, draft: SubscriptionDraft, parsed?: string) =>
  changedSubscription(before, draft, parsed, changedAt, seal)

test('a new subscription is whose it was made for, active, and of version 0', () => {
  expect(make({})).toMatchObject({
    ...{ id: 'sub_1', number: 3, integrationId: 'int_1', boundTenantId: 7, visibleTypes: ['invoice.*'] },
    ...{ dialect: 'standard', status: 'active', types: ['*'], tenants: { kind: 'granted' }, version: 0 },
    ...{ endpoint: { url, timeoutSeconds: 15 }, concurrency: 8, createdAt: madeAt, updatedAt: madeAt },
  })
})

describe('a change', () => {
  const full: Subscription = {
    ...sampleSubscription('standard'),
    ...{ filter: '{"a":[1]}', fields: 'id', batch: { maxEvents: 2, maxWaitMs: 5 }, retryDelaysSeconds: [1] },
    ...{ ratePerSecond: 9, description: 'mine', settings: { one: 1 }, version: 4 },
  }

  test('of nothing changes nothing but version and time', () => {
    expect(change(full, {})).toEqual({ ...full, version: 5, updatedAt: changedAt })
  })

  test.each<[SubscriptionDraft, Partial<Subscription>]>([
    [{ types: ['order.*'] }, { types: ['order.*'] }],
    [{ tenants: 'granted' }, { tenants: { kind: 'granted' } }],
    [{ tenants: { subtree: 7 } }, { tenants: { kind: 'subtree', tenantId: 7 } }],
    [{ tenants: [7, 8, 7] }, { tenants: { kind: 'list', tenantIds: [7, 8] } }],
    [{ filter: null }, { filter: null }],
    [{ fields: null }, { fields: null }],
    [{ ordering: 'entity' }, { ordering: 'entity' }],
    [{ coalesce: 'latest' }, { coalesce: 'latest' }],
    [{ batch: null }, { batch: null }],
    [{ retry: { delaysSeconds: [] } }, { retryDelaysSeconds: [] }],
    [{ retry: null }, { retryDelaysSeconds: null }],
    [{ concurrency: 1 }, { concurrency: 1 }],
    [{ ratePerSecond: null }, { ratePerSecond: null }],
    [{ description: null }, { description: null }],
    [{ settings: { two: 2 } }, { settings: { one: 1, two: 2 } }],
  ])('%j changes that alone', (draft, expected) => {
    expect(change(full, draft)).toEqual({ ...full, ...expected, version: 5, updatedAt: changedAt })
  })
})

describe('an endpoint', () => {
  const before: Subscription = {
    ...sampleSubscription('standard'),
    endpoint: {
      ...{ url, headerNames: ['X-Key'], headers: 'sealed headers', auth: { type: 'bearer', token: 'sealed token' } },
      ...{ tls: 'sealed tls', timeoutSeconds: 20 },
    },
  }

  test.each<[EndpointDraft, Partial<Subscription['endpoint']>]>([
    [{}, {}],
    [{ url: 'https://EXAMPLE.com/other' }, { url: 'https://example.com/other' }],
    [{ headers: { B: '2', A: '1' } }, { headerNames: ['B', 'A'], headers: 'sealed([["B","2"],["A","1"]])' }],
    [{ headers: null }, { headerNames: [], headers: null }],
    [{ headers: {} }, { headerNames: [], headers: null }],
    [{ auth: null }, { auth: null }],
    [
      { auth: { type: 'basic', username: 'me', password: 'p' } },
      { auth: { type: 'basic', username: 'me', password: 'sealed(p)' } },
    ],
    [{ auth: { type: 'bearer', token: 't' } }, { auth: { type: 'bearer', token: 'sealed(t)' } }],
    [
      { auth: { type: 'oauth2', tokenUrl: url, clientId: 'c', clientSecret: 's' } },
      { auth: { type: 'oauth2', tokenUrl: url, clientId: 'c', clientSecret: 'sealed(s)', scope: null } },
    ],
    [{ tls: null }, { tls: null }],
    [{ tls: { ca: 'PEM' } }, { tls: 'sealed({"ca":"PEM"})' }],
    [{ timeoutSeconds: 5 }, { timeoutSeconds: 5 }],
  ])('changed by %j keeps everything else', (endpoint, expected) => {
    const parsed = endpoint.url === undefined ? undefined : 'https://example.com/other'
    expect(change(before, { endpoint }, parsed).endpoint).toEqual({ ...before.endpoint, ...expected })
  })
})
