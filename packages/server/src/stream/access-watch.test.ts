import { expect, it } from 'vitest'
import { AccessWatch } from './access-watch.ts'

it('tells who holds a token, or all below a tenant, and nobody who does not any more', () => {
  const watch = new AccessWatch<string>()
  watch.hold('a', { tokenIds: ['tok_1', 'tok_2'], rootIds: [7] })
  watch.hold('b', { tokenIds: ['tok_2'], rootIds: [] })
  const concerned = (tokenIds: string[], tenantIds: number[] = []) =>
    [...watch.concernedBy({ tokenIds, tenantIds })].sort()
  expect(concerned(['tok_1'])).toEqual(['a'])
  expect(concerned(['tok_2'])).toEqual(['a', 'b'])
  expect(concerned([], [7, 8])).toEqual(['a'])
  watch.hold('a', { tokenIds: ['tok_1'], rootIds: [] })
  expect(concerned(['tok_2'], [7])).toEqual(['b'])
  watch.hold('b', { tokenIds: [], rootIds: [] })
  expect(concerned(['tok_2'])).toEqual([])
})
