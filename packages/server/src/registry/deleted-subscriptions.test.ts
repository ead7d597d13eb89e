import { expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { deletedSubscriptions } from './deleted-subscriptions.ts'
import { integrationOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { deleteIntegration } from './integrations.ts'
import { dropRecord, putRecord } from './writes.ts'

const weekMs = 7 * 86_400_000

async function withSubscriptions() {
  const made = await makeTestRegistry()
  const subscriptions = [3, 5].map((number) =>
    sampleSubscription('standard', { id: `sub_${number}`, number, integrationId: 'int_1' }),
  )
  await made.registry.commit([
    putRecord('integration', integrationOf('int_1')),
    ...subscriptions.map((one) => putRecord('subscription', one)),
  ])
  return { ...made, deleted: deletedSubscriptions(made.registry) }
}

test('a deletion is remembered in the commit that deletes, and audited as one change', async () => {
  const { registry, deleted } = await withSubscriptions()
  const changes: unknown[] = []
  registry.onCommitted(async (some) => void changes.push(...some))
  const refused = await registry.commit([dropRecord('subscription', 'sub_3', 99)])
  expect(refused.kind).toBe('refused')
  expect(deleted.has(3)).toBe(false)
  await registry.commit([dropRecord('subscription', 'sub_3')])
  expect(deleted.has(3)).toBe(true)
  expect(deleted.has(5)).toBe(false)
  expect(changes).toMatchObject([{ kind: 'subscription', id: 'sub_3', action: 'deleted' }])
})

test('the subscriptions of a deleted integration are remembered too', async () => {
  const { registry, deleted } = await withSubscriptions()
  await deleteIntegration(registry, 'int_1')
  expect([3, 5].map((number) => deleted.has(number))).toEqual([true, true])
})

test('whoever starts later knows of it, until it is dropped', async () => {
  const { clock, registry, store, deleted } = await withSubscriptions()
  await registry.commit([dropRecord('subscription', 'sub_3')])
  const other = deletedSubscriptions((await makeTestRegistry({ store })).registry)
  expect(other.has(3)).toBe(true)
  expect(deleted.before(clock.now() - weekMs)).toEqual([])
  expect(deleted.before(clock.now() + 1)).toEqual([3])
  await deleted.drop([3])
  expect(deleted.has(3)).toBe(false)
  expect(deletedSubscriptions((await makeTestRegistry({ store })).registry).has(3)).toBe(false)
})
