import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { tenantOf } from './fixtures/records.ts'
import { maxTenantDepth, TenantTree } from './tenant-tree.ts'

function treeOf(...parents: [id: number, parentId: number | null][]): TenantTree {
  const tree = new TenantTree()
  for (const [id, parentId] of parents) tree.put(tenantOf(id, parentId))
  return tree
}

test('a child may be known before its parent, as the store’s order is by change', () => {
  const tree = treeOf([3, 2], [2, 1], [1, null])
  expect([...tree.lineage(3)]).toEqual([3, 2, 1])
  expect([...tree.descendants(1)].sort()).toEqual([2, 3])
})

test('a circle, which no write can make, ends and does not hang', () => {
  const tree = treeOf([1, 2], [2, 1])
  expect([...tree.lineage(1)]).toHaveLength(maxTenantDepth + 1)
  expect(tree.isWithin(1, 9)).toBe(false)
})

test('depth counts who stands above, height the levels below', () => {
  const tree = treeOf([1, null], [2, 1], [3, 2], [4, 1])
  expect([1, 2, 3, 4].map((id) => [tree.depth(id), tree.height(id)])).toEqual([
    [0, 2],
    [1, 1],
    [2, 0],
    [1, 0],
  ])
})

test('it does as a plain list of parents does, through every change', () => {
  const ids = [1, 2, 3, 4, 5, 6]
  // A parent has a lower id, so there is no circle.
  const change = fc.integer({ min: 1, max: 6 }).chain((id) =>
    fc.record({
      id: fc.constant(id),
      parentId: fc.option(fc.integer({ min: 0, max: id - 1 })).map((parent) => parent || null),
      isDeletion: fc.boolean(),
    }),
  )
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const tree = new TenantTree()
      const model = new Map<TenantId, TenantId | null>()
      for (const { id, parentId, isDeletion } of changes) {
        if (isDeletion) {
          tree.delete(id)
          model.delete(id)
        } else {
          tree.put(tenantOf(id, parentId))
          model.set(id, parentId)
        }
      }
      const lineage = (id: TenantId): TenantId[] => {
        const parentId = model.get(id) ?? null
        return parentId === null ? [id] : [id, ...lineage(parentId)]
      }
      expect(tree.size).toBe(model.size)
      expect(tree.page(undefined, 10).map(({ id }) => id)).toEqual([...model.keys()].sort())
      for (const id of ids) {
        expect([...tree.lineage(id)]).toEqual(lineage(id))
        const children = [...model].filter(([, parentId]) => parentId === id)
        expect(tree.hasChildren(id)).toBe(children.length > 0)
        const below = [...model.keys()].filter((other) => other !== id && lineage(other).includes(id))
        expect([...tree.descendants(id)].sort()).toEqual(below.sort())
        for (const root of ids) expect(tree.isWithin(id, root)).toBe(lineage(id).includes(root))
      }
    }),
  )
})
