import { expect, test } from 'vitest'
import { type ListedStream, StreamList } from './stream-list.ts'

const streamOf = (id: string) => ({ id }) as ListedStream

test('streams are listed by id while they are open', () => {
  const list = new StreamList()
  const removals = ['str_2', 'str_1', 'str_3'].map((id) => list.add(streamOf(id)))
  expect(list.page(undefined, 2).map(({ id }) => id)).toEqual(['str_1', 'str_2'])
  expect(list.page('str_2', 2).map(({ id }) => id)).toEqual(['str_3'])
  removals[0]!()
  removals[0]!()
  expect(list.get('str_2')).toBeUndefined()
  expect(list.page(undefined, 9).map(({ id }) => id)).toEqual(['str_1', 'str_3'])
})
