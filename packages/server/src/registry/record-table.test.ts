import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordTable } from './record-table.ts'

interface Part {
  readonly id: string
  readonly key: string
}
const makeTable = () =>
  new RecordTable<Part>(
    ({ id }) => id,
    ({ key }) => key,
  )

test('a record is found by its id and by its key, and a replaced one by its old key no more', () => {
  const table = makeTable()
  table.put({ id: 'a', key: 'one' })
  table.put({ id: 'a', key: 'two' })
  expect([table.get('a')?.key, table.withKey('two')?.id, table.withKey('one'), table.size]).toEqual([
    'two',
    'a',
    undefined,
    1,
  ])
})

test.each([
  ['the giver first', ['b', 'a']],
  ['the taker first', ['a', 'b']],
])('a key that passes to another record within a commit stays with it: %s', (_order, order) => {
  const table = makeTable()
  table.put({ id: 'b', key: 'shared' })
  table.put({ id: 'a', key: 'own' })
  const after: Record<string, Part> = { a: { id: 'a', key: 'shared' }, b: { id: 'b', key: 'other' } }
  for (const id of order) table.put(after[id]!)
  expect(table.withKey('shared')).toEqual(after.a)
  expect(table.withKey('other')).toEqual(after.b)
  expect(table.withKey('own')).toBeUndefined()
})

test('deleting a record that has given its key away leaves the key with its new holder', () => {
  const table = makeTable()
  table.put({ id: 'b', key: 'shared' })
  table.put({ id: 'a', key: 'shared' })
  table.delete('b')
  expect([table.withKey('shared')?.id, table.get('b'), table.size]).toEqual(['a', undefined, 1])
})

test('it does as a plain map does, page by page', () => {
  const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), isDeletion: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change), fc.integer({ min: 1, max: 3 }), (changes, limit) => {
      const table = makeTable()
      const model = new Map<string, Part>()
      for (const { id, isDeletion } of changes) {
        const record = { id, key: `key of ${id}` }
        if (isDeletion) {
          table.delete(id)
          model.delete(id)
        } else {
          table.put(record)
          model.set(id, record)
        }
      }
      const ids: string[] = []
      for (let after: string | undefined; ; ) {
        const page = table.page(after, limit)
        expect(page.length).toBeLessThanOrEqual(limit)
        ids.push(...page.map(({ id }) => id))
        if (page.length < limit) break
        after = page.at(-1)!.id
      }
      expect(ids).toEqual([...model.keys()].sort())
      expect([...table.values()].map(({ id }) => id).sort()).toEqual(ids)
      expect(table.size).toBe(model.size)
      for (const id of 'abcde') expect(table.withKey(`key of ${id}`)).toEqual(model.get(id))
    }),
  )
})
