import { expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { SubscriptionLookUp } from './subscription-look-up.ts'
import { putRecord } from './writes.ts'

const operator: Owner = { kind: 'operator' }
const integrator = (integrationId: string): Owner => ({
  kind: 'integrator',
  integrationId,
  tenantId: null,
  token: null,
})
const one = { integrationId: 'int_1', boundTenantId: null }

async function lookUpOf() {
  const { registry, directory } = await makeTestRegistry()
  await registry.commit(
    [
      sampleSubscription('tripletex', { ...one, id: 'sub_a', number: 3 }),
      sampleSubscription('moneybird', { ...one, id: 'sub_b', number: 2 }),
      sampleSubscription('tripletex', { ...one, id: 'sub_c', number: 1 }),
      sampleSubscription('tripletex', { id: 'sub_d', number: 4, integrationId: 'int_2', boundTenantId: null }),
    ].map((subscription) => putRecord('subscription', subscription)),
  )
  return { lookUp: new SubscriptionLookUp(directory), directory }
}

test('what is not the owner’s does not exist for it', async () => {
  const { lookUp, directory } = await lookUpOf()
  expect(lookUp.get(integrator('int_1'), 'sub_a')).toMatchObject({ number: 3 })
  expect(lookUp.get(operator, 'sub_a')).toMatchObject({ number: 3 })
  for (const [owner, id] of [
    [integrator('int_2'), 'sub_a'],
    [operator, 'sub_x'],
  ] as const) {
    expect(() => lookUp.get(owner, id)).toThrow(expect.objectContaining({ code: 'not_found' }))
  }
  const { revision } = lookUp.atRevision(operator, 'sub_a')
  expect(revision).toBe(directory.revisionOf('subscription', 'sub_a'))
})

test('a list is of one dialect, by number', async () => {
  const { lookUp } = await lookUpOf()
  const listed = (owner: Owner) => lookUp.listOf(owner, 'tripletex').map(({ id }) => id)
  expect(listed(integrator('int_1'))).toEqual(['sub_c', 'sub_a'])
  expect(listed(operator)).toEqual(['sub_c', 'sub_a', 'sub_d'])
  expect([...lookUp.all(integrator('int_1'))].map(({ id }) => id)).toEqual(['sub_a', 'sub_b', 'sub_c'])
})

test('by number or id anybody’s is found', async () => {
  const { lookUp } = await lookUpOf()
  expect([lookUp.withNumber(2)?.id, lookUp.withNumber(9)]).toEqual(['sub_b', undefined])
  expect([lookUp.withId('sub_d')?.number, lookUp.withId('sub_x')]).toEqual([4, undefined])
})

test('a page is of the owner’s alone, and the next goes on after it', async () => {
  const { lookUp } = await lookUpOf()
  const byToken: Owner = { ...integrator('int_1'), tenantId: 7 } as Owner
  expect((await lookUp.search(byToken, {}, {})).items).toEqual([])
  const first = await lookUp.search(integrator('int_1'), {}, { limit: 2 })
  expect(first.items.map(({ id }) => id)).toEqual(['sub_a', 'sub_b'])
  const rest = await lookUp.search(integrator('int_1'), {}, { limit: 2, cursor: first.next })
  expect([rest.items.map(({ id }) => id), rest.next]).toEqual([['sub_c'], null])
  expect((await lookUp.search(operator, {}, {})).items).toHaveLength(4)
})
