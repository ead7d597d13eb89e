import { expect, test } from 'vitest'
import type { DialectRecord } from '../../core/registry/registry.ts'
import { sampleSubscription } from '../../dialects/samples.ts'
import { createdAt } from '../fixtures/records.ts'
import { makeTestRegistry } from '../fixtures/test-registry.ts'
import { putRecord } from '../writes.ts'
import { DialectRecords } from './records.ts'

const record = (id: string, rest: Partial<DialectRecord> = {}): DialectRecord => ({
  ...{ id, dialect: 'tripletex', integrationId: 'int_1', value: {}, createdAt, updatedAt: createdAt },
  ...rest,
})

test('a document is found by its integration and its dialect alone', async () => {
  const { registry } = await makeTestRegistry()
  const records = new DialectRecords(registry)
  await registry.commit(['rec_2', 'rec_1'].map((id) => putRecord('dialectRecord', record(id))))
  expect(records.get('int_1', 'tripletex', 'rec_1')).toEqual(record('rec_1'))
  expect(records.get('int_2', 'tripletex', 'rec_1')).toBeUndefined()
  expect(records.get('int_1', 'moneybird', 'rec_1')).toBeUndefined()
  expect(records.list('int_1', 'tripletex').map(({ id }) => id)).toEqual(['rec_1', 'rec_2'])
  expect([records.list('int_2', 'tripletex'), records.list('int_1', 'moneybird')]).toEqual([[], []])
  expect(records.newId()).toMatch(/^rec_/)
})

test('documents and the subscriptions that follow from them change in one commit', async () => {
  const { registry, directory, store } = await makeTestRegistry()
  const records = new DialectRecords(registry)
  const before = [sampleSubscription('tripletex'), sampleSubscription('tripletex', { id: 'sub_2', number: 2 })]
  await registry.commit([
    ...['rec_1', 'rec_2'].map((id) => putRecord('dialectRecord', record(id))),
    ...before.map((subscription) => putRecord('subscription', subscription)),
  ])
  const { revision } = directory
  const result = await records.change(() => ({
    put: [record('rec_1', { value: { changed: true } })],
    drop: ['rec_2'],
    subscriptions: [{ ...before[0]!, description: 'changed' }],
    dropSubscriptions: ['sub_2'],
    result: 'done',
  }))
  expect(result).toBe('done')
  expect(directory.revision).toBe(revision + 1)
  expect(directory.dialectRecords.get('rec_1')?.value).toEqual({ changed: true })
  expect(directory.dialectRecords.get('rec_2')).toBeUndefined()
  expect(directory.subscriptions.get('sub_1')?.description).toBe('changed')
  expect(directory.subscriptions.get('sub_2')).toBeUndefined()
  await store.close()
})

test('a decision that another node overtook is made again over what that wrote', async () => {
  const { registry, store, directory } = await makeTestRegistry()
  const records = new DialectRecords(registry)
  await registry.commit([putRecord('dialectRecord', record('rec_1', { value: { count: 1 } }))])
  const other = await makeTestRegistry({ store })
  const seen: unknown[] = []
  const change = records.change(() => {
    const { value } = directory.dialectRecords.get('rec_1')!
    seen.push(value.count)
    return { put: [record('rec_1', { value: { count: Number(value.count) + 1 } })], result: undefined }
  })
  await other.registry.commit([putRecord('dialectRecord', record('rec_1', { value: { count: 10 } }))])
  await change
  expect(seen).toEqual([1, 10])
  expect(directory.dialectRecords.get('rec_1')?.value).toEqual({ count: 11 })
})

test('a guard lets a commit through only while the document is as it was', async () => {
  const { registry, store } = await makeTestRegistry()
  const records = new DialectRecords(registry)
  await registry.commit([putRecord('dialectRecord', record('rec_1'))])
  const guard = records.guard(record('rec_1'))
  await store.commit([putRecord('dialectRecord', record('rec_1', { value: { changed: true } }))])
  const beside = putRecord('dialectRecord', guard.record, guard.revision)
  expect(await store.commit([beside])).toMatchObject({ kind: 'refused', reason: 'revision' })
})
