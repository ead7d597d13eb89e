import { expect, test } from 'vitest'
import type { Owner } from '../core/credential/caller.ts'
import { sampleSubscription } from '../dialects/samples.ts'
import { BulkResends } from './bulk-resends.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'

const operator: Owner = { kind: 'operator' }
const owner: Owner = { kind: 'integrator', integrationId: 'int_1', tenantId: null, token: null }
const stranger: Owner = { ...owner, integrationId: 'int_2' }
const filter = { status: 'failed' }

async function bulkResends() {
  const { registry, clock } = await makeTestRegistry()
  const ran: string[] = []
  const interrupted = new Set<string>()
  const resends = new BulkResends(registry, {
    run: (id) => void ran.push(id),
    isInterrupted: (id) => interrupted.has(id),
  })
  const begin = async (id: string, integrationId: string) => {
    await clock.advance(1)
    return resends.begin(sampleSubscription('standard', { id, integrationId, boundTenantId: null }), filter)
  }
  return { resends, begin, ran, interrupted }
}

test('one that begins runs by itself, and is shown to whose it is', async () => {
  const { resends, begin, ran } = await bulkResends()
  const { id } = await begin('sub_1', 'int_1')
  expect(ran).toEqual([id])
  for (const who of [owner, operator]) expect(resends.get(who, id)).toMatchObject({ id, status: 'running' })
  expect(() => resends.get(stranger, id)).toThrow(expect.objectContaining({ code: 'not_found' }))
})

test('one that a failure ended is shown so, and another may begin', async () => {
  const { resends, begin, interrupted } = await bulkResends()
  const { id } = await begin('sub_1', 'int_1')
  await expect(begin('sub_1', 'int_1')).rejects.toMatchObject({ code: 'conflict' })
  interrupted.add(id)
  expect(resends.get(owner, id).status).toBe('interrupted')
  expect(resends.page(owner, {}).items.map(({ status }) => status)).toEqual(['interrupted'])
  const second = await begin('sub_1', 'int_1')
  expect(resends.get(owner, second.id).status).toBe('running')
})

test('a list is by creation, and of the owner’s alone', async () => {
  const { resends, begin } = await bulkResends()
  const ids = [await begin('sub_1', 'int_1'), await begin('sub_2', 'int_2'), await begin('sub_3', 'int_1')].map(
    ({ id }) => id,
  )
  expect(resends.page(operator, {}).items.map(({ id }) => id)).toEqual(ids)
  const first = resends.page(owner, { limit: 1 })
  const rest = resends.page(owner, { limit: 1, cursor: first.next })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([ids[0], ids[2]])
})

test('one that is cancelled ends, and stays as it is from then on', async () => {
  const { resends, begin } = await bulkResends()
  const { id } = await begin('sub_1', 'int_1')
  await expect(resends.cancel(stranger, id)).rejects.toMatchObject({ code: 'not_found' })
  const cancelled = await resends.cancel(owner, id)
  expect(cancelled.status).toBe('cancelled')
  expect(await resends.cancel(owner, id)).toEqual(cancelled)
})
