import { expect, test } from 'vitest'
import { ManualClock } from '../core/time/clock.ts'
import { UnknownTenants } from './unknown-tenants.ts'

function start() {
  const clock = new ManualClock(0)
  const created = new Set<number | bigint>()
  return {
    clock,
    created,
    tenants: new UnknownTenants(
      (id) => created.has(id),
      () => clock.now(),
    ),
  }
}

test('events of a tenant are counted from the first to the last', async () => {
  const { tenants, clock } = start()
  tenants.note(7)
  await clock.advance(10)
  tenants.note(8)
  tenants.note(7)
  expect(tenants.list()).toEqual([
    { tenantId: 7, events: 2, firstAtMs: 0, lastAtMs: 10 },
    { tenantId: 8, events: 1, firstAtMs: 10, lastAtMs: 10 },
  ])
})

test('a tenant that is created leaves the list, and its events stay counted', () => {
  const { tenants, created } = start()
  for (const id of [7, 8, 8]) tenants.note(id)
  created.add(8)
  expect(tenants.list().map(({ tenantId }) => tenantId)).toEqual([7])
  expect(tenants.events).toBe(3)
})

test('of very many those that came last are kept, a thousand', () => {
  const { tenants } = start()
  for (let id = 1; id <= 1_001; id++) tenants.note(id)
  const list = tenants.list()
  expect([list.length, list[0]?.tenantId, list.at(-1)?.tenantId]).toEqual([1_000, 2, 1_001])
  expect(tenants.events).toBe(1_001)
})
