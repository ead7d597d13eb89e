import { expect, it } from 'vitest'
import { makeMemoryRegistryStore } from '../engines/memory/registry-store.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createTenant } from './tenants.ts'

it('tells what was committed, though it cannot be shown afterwards', async () => {
  const store = makeMemoryRegistryStore()
  let canRead = true
  const changesAfter: typeof store.changesAfter = (...asked) =>
    canRead ? store.changesAfter(...asked) : Promise.reject(new Error('the disk cannot be read'))
  const { registry } = await makeTestRegistry({ store: { ...store, changesAfter } })
  const told: string[] = []
  registry.onCommitted(async (changes) => {
    told.push(...changes.map(({ id, action }) => `${action} ${id}`))
  })
  canRead = false
  await expect(createTenant(registry, { id: 1 })).rejects.toThrow('the disk cannot be read')
  expect(told).toEqual(['created 1'])
})
