import { expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { type SubscriptionFilter, searchSubscriptions } from './subscription-search.ts'

const operator: Owner = { kind: 'operator' }
const of = (integrationId: string): Owner => ({ kind: 'integrator', integrationId, tenantId: null, token: null })

function ordered(subscriptions: readonly Subscription[]) {
  const sorted = subscriptions.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return {
    subscriptionPage: (integrationId: string | undefined, after: string | undefined, limit: number) =>
      sorted
        .filter((each) => integrationId === undefined || each.integrationId === integrationId)
        .filter(({ id }) => after === undefined || id > after)
        .slice(0, limit),
  }
}
const endpoint = (url: string) => ({ ...sampleSubscription('standard').endpoint, url })
const five = ordered([
  sampleSubscription('standard', {
    id: 'sub_1',
    integrationId: 'int_1',
    endpoint: endpoint('https://Stock.example/a'),
  }),
  sampleSubscription('tripletex', {
    id: 'sub_2',
    integrationId: 'int_1',
    status: 'disabled',
    description: 'Old stock',
  }),
  sampleSubscription('standard', { id: 'sub_3', integrationId: 'int_2', failingSince: '2026-01-01T00:00:00Z' }),
  sampleSubscription('standard', { id: 'sub_4', integrationId: 'int_2', boundTenantId: 7 }),
  sampleSubscription('standard', {
    ...{ id: 'sub_5', integrationId: 'int_2', boundTenantId: null, tenants: { kind: 'list', tenantIds: [7, 8] } },
  }),
])
const idsOf = async (owner: Owner, filter: SubscriptionFilter) =>
  (await searchSubscriptions(five, owner, filter, {})).items.map(({ id }) => id)

test.each<[SubscriptionFilter, readonly string[]]>([
  [{}, ['sub_1', 'sub_2', 'sub_3', 'sub_4', 'sub_5']],
  [{ search: 'STOCK' }, ['sub_1', 'sub_2']],
  [{ search: 'sub_3' }, ['sub_3']],
  [{ status: 'disabled' }, ['sub_2']],
  [{ status: 'failing' }, ['sub_3']],
  [{ dialect: 'tripletex' }, ['sub_2']],
  [{ integration: 'int_1', status: 'active' }, ['sub_1']],
  [{ tenant: 7 }, ['sub_4', 'sub_5']],
])('lists what the filter %j lets through', async (filter, ids) => {
  expect(await idsOf(operator, filter)).toEqual(ids)
})

test('nothing of another integration is found, whatever is asked for', async () => {
  expect(await idsOf(of('int_1'), { integration: 'int_2' })).toEqual([])
  expect(await idsOf(of('int_1'), { search: 'sub' })).toEqual(['sub_1', 'sub_2'])
})

test('goes on after the last one that was shown, to the end', async () => {
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page = await searchSubscriptions(five, operator, { dialect: 'standard' }, { cursor, limit: 2 })
    expect(page.items.length).toBeLessThanOrEqual(2)
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.next
  } while (cursor !== null)
  expect(ids).toEqual(['sub_1', 'sub_3', 'sub_4', 'sub_5'])
})

test('a page of very many that are not sought is short, and the next one finds the rest', async () => {
  const many = Array.from({ length: 200_001 }, (_, number) => ({ id: `sub_${String(number).padStart(6, '0')}` }))
  const sample = sampleSubscription('standard')
  const list = ordered([])
  const after = (id: string | undefined) => (id === undefined ? 0 : Number(id.slice(4)) + 1)
  list.subscriptionPage = (_integration, id, limit) =>
    many.slice(after(id), after(id) + limit).map((each) => ({ ...sample, ...each }))
  const first = await searchSubscriptions(list, operator, { search: '200000' }, {})
  expect(first.items).toEqual([])
  const rest = await searchSubscriptions(list, operator, { search: '200000' }, { cursor: first.next })
  expect([rest.items.map(({ id }) => id), rest.next]).toEqual([['sub_200000'], null])
})
