import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SortedList } from './sorted-list.ts'

it('is at every moment what sorting gives', () => {
  const step = fc.record({ isDeletion: fc.boolean(), item: fc.nat(20), reads: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step), fc.nat(22), fc.nat(5), (steps, after, limit) => {
      const list = new SortedList<number>((a, b) => a - b)
      const model = new Set<number>()
      for (const { isDeletion, item, reads } of steps) {
        if (isDeletion) list.delete(item)
        else if (!model.has(item)) list.add(item)
        if (isDeletion) model.delete(item)
        else model.add(item)
        if (reads) expect([...list]).toEqual([...model].sort((a, b) => a - b))
      }
      const sorted = [...model].sort((a, b) => a - b)
      expect(list.size).toBe(sorted.length)
      expect(list.after(undefined, limit)).toEqual(sorted.slice(0, limit))
      expect(list.after(after, limit)).toEqual(sorted.filter((item) => item > after).slice(0, limit))
    }),
  )
})
