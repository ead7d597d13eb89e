import { expect, test } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { integrationOf, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { dropRecord, guardRecord, putRecord } from './writes.ts'

test('a record is written under its id, and under the key that no other of its kind may have', () => {
  expect(putRecord('tenant', tenantOf(7))).toEqual({ kind: 'tenant', id: '7', value: tenantOf(7) })
  expect(putRecord('integration', integrationOf('int_1'), 0)).toMatchObject({
    ...{ id: 'int_1', uniqueKey: 'client of int_1', ifRevision: 0 },
  })
  expect(putRecord('token', tokenOf('tok_1', 7))).toMatchObject({ id: 'tok_1', uniqueKey: 'hash of tok_1' })
  const subscription = sampleSubscription('standard', { number: 12 })
  expect(putRecord('subscription', subscription)).toMatchObject({ id: 'sub_1', uniqueKey: '12' })
  expect(putRecord('eventType', { type: 'a.b', definition: {} })).toMatchObject({ id: 'a.b' })
})

test('a second record with the same key is refused by the store', async () => {
  const { store } = await makeTestRegistry()
  const twins = [tokenOf('tok_1', 7, { hash: 'same' }), tokenOf('tok_2', 7, { hash: 'same' })]
  expect(await store.commit(twins.map((token) => putRecord('token', token)))).toMatchObject({
    ...{ kind: 'refused', index: 1, reason: 'unique' },
  })
})

test('a guarded record fails the commit when another node changes or deletes it meanwhile, and only then', async () => {
  const { registry, store, directory } = await makeTestRegistry()
  await registry.commit([putRecord('tenant', tenantOf(1)), putRecord('tenant', tenantOf(2))])
  const guard = guardRecord('tenant', tenantOf(1), directory)
  const beside = putRecord('token', tokenOf('tok_1', 1))
  await store.commit([putRecord('tenant', { ...tenantOf(2), name: 'other' })])
  expect(await store.commit([guard, beside])).toMatchObject({ kind: 'committed' })
  await directory.refresh()
  const stale = guardRecord('tenant', tenantOf(1), directory)
  await store.commit([dropRecord('tenant', '1')])
  expect(await store.commit([stale, beside])).toMatchObject({ kind: 'refused', index: 0, reason: 'revision' })
})

test('a record is dropped always, or only while it is as it was', async () => {
  const { store } = await makeTestRegistry()
  await store.commit([putRecord('tenant', tenantOf(1))])
  expect(await store.commit([dropRecord('tenant', '1', 9)])).toMatchObject({ kind: 'refused', reason: 'revision' })
  expect(await store.commit([dropRecord('tenant', '1')])).toMatchObject({ kind: 'committed' })
})
