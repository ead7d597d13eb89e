import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Rotation } from './rotation.ts'

const lane = (integrationId: string, boundTenantId: number | null, name: number) => ({
  subscription: { integrationId, boundTenantId },
  name,
})

function drained(rotation: Rotation<ReturnType<typeof lane>>): number[] {
  const names: number[] = []
  for (let next = rotation.take(); next; next = rotation.take()) names.push(next.name)
  return names
}

it('lets integrations take turns, and tenants within them', () => {
  const rotation = new Rotation<ReturnType<typeof lane>>()
  for (const name of [1, 2, 3]) rotation.add(lane('a', 1, name))
  for (const name of [4, 5]) rotation.add(lane('a', 2, name))
  rotation.add(lane('b', null, 6))
  expect(drained(rotation)).toEqual([1, 6, 4, 2, 5, 3])
})

it('passes over integrations that may not take, which keep their turn', () => {
  const rotation = new Rotation<ReturnType<typeof lane>>()
  rotation.add(lane('a', 1, 1))
  rotation.add(lane('b', 1, 2))
  expect(rotation.take((integrationId) => integrationId !== 'a')?.name).toBe(2)
  expect(rotation.take((integrationId) => integrationId !== 'a')).toBeUndefined()
  expect(rotation.take()?.name).toBe(1)
})

it('holds each lane once, forgets what is forgotten, and serves nobody twice before everybody once', () => {
  const lanes = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(1, 2, null)), {
    maxLength: 40,
    comparator: () => false,
  })
  fc.assert(
    fc.property(lanes, fc.nat(), (places, forgotten) => {
      const rotation = new Rotation<ReturnType<typeof lane>>()
      const all = places.map(([integrationId, tenant], name) => lane(integrationId, tenant, name))
      for (const each of [...all, ...all]) rotation.add(each)
      const gone = all[forgotten % Math.max(1, all.length)]
      if (gone) rotation.forget(gone)
      const rest = all.filter((each) => each !== gone)
      const order = drained(rotation)
      expect([...order].sort((a, b) => a - b)).toEqual(rest.map(({ name }) => name))
      // As long as two integrations wait, their turns differ by one at most.
      const turns = new Map<string, number>()
      const left = new Map<string, number>()
      for (const { subscription } of rest) {
        left.set(subscription.integrationId, (left.get(subscription.integrationId) ?? 0) + 1)
      }
      for (const name of order) {
        const id = all[name]!.subscription.integrationId
        turns.set(id, (turns.get(id) ?? 0) + 1)
        left.set(id, left.get(id)! - 1)
        for (const [other, waiting] of left) {
          if (waiting > 0) expect(turns.get(id)! - (turns.get(other) ?? 0)).toBeLessThanOrEqual(1)
        }
      }
    }),
  )
})
