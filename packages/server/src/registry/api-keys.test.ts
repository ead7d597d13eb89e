import { describe, expect, it } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { createApiKey, deleteApiKey, listApiKeys, makeFirstAdminKey } from './api-keys.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'

describe('api keys', () => {
  it('are shown once, listed and deleted', async () => {
    const { registry, directory } = await makeTestRegistry()
    const { key, ...view } = await createApiKey(registry, { kind: 'pub', name: 'ERP' })
    expect(readKey(key)).toEqual({ kind: 'pub' })
    expect(listApiKeys(directory, {}).items).toEqual([view])
    await deleteApiKey(registry, view.id)
    expect(listApiKeys(directory, {}).items).toEqual([])
    await expect(deleteApiKey(registry, view.id)).rejects.toMatchObject({ code: 'not_found' })
    await expect(createApiKey(registry, { kind: 'sec' })).rejects.toMatchObject({ errors: [{ pointer: '/kind' }] })
  })

  it('of the operator are made at the first start only', async () => {
    const { registry } = await makeTestRegistry()
    expect(readKey((await makeFirstAdminKey(registry))!)).toEqual({ kind: 'admin' })
    expect(await makeFirstAdminKey(registry)).toBeNull()
  })
})
