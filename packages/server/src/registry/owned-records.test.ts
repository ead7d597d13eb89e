import { expect, test } from 'vitest'
import { OwnedRecords } from './owned-records.ts'

const record = (id: string, integrationId: string) => ({ id, integrationId })
const idsOf = (records: Iterable<{ readonly id: string }>) => [...records].map(({ id }) => id)

test('each integration has its own, in the order of their ids', () => {
  const owned = new OwnedRecords<ReturnType<typeof record>>()
  for (const id of ['c', 'a', 'b']) owned.put(record(id, 'int_1'))
  owned.put(record('d', 'int_2'))
  expect(idsOf(owned.page('int_1', undefined, 2))).toEqual(['a', 'b'])
  expect(idsOf(owned.page('int_1', 'b', 2))).toEqual(['c'])
  expect(idsOf(owned.of('int_2'))).toEqual(['d'])
  expect([idsOf(owned.of('int_3')), owned.page('int_3', undefined, 5)]).toEqual([[], []])
})

test('what is deleted is gone from its integration alone', () => {
  const owned = new OwnedRecords<ReturnType<typeof record>>()
  for (const integrationId of ['int_1', 'int_2']) owned.put(record('a', integrationId))
  owned.delete(record('a', 'int_1'))
  owned.delete(record('a', 'int_3'))
  expect([idsOf(owned.of('int_1')), idsOf(owned.of('int_2'))]).toEqual([[], ['a']])
  for (const id of ['b', 'c']) owned.put(record(id, 'int_2'))
  owned.delete(record('b', 'int_2'))
  expect(idsOf(owned.of('int_2'))).toEqual(['a', 'c'])
})
