import { describe, expect, it } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { createApiKey, deleteApiKey, isEnded, listApiKeys, makeFirstAdminKey } from './api-keys.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration } from './integrations.ts'

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

  it('of a portal are for one integration, and end within a day', async () => {
    const { registry } = await makeTestRegistry()
    const { id: integrationId } = await createIntegration(registry, { name: 'Payroll Sync' })
    const portal = (rest: object) => createApiKey(registry, { kind: 'portal', integrationId, ...rest })
    expect(await portal({})).toMatchObject({ integrationId, expiresAt: '2026-01-01T01:00:00.000Z' })
    expect(await portal({ expiresAt: '2026-01-02T00:00:00Z' })).toMatchObject({ expiresAt: '2026-01-02T00:00:00Z' })
    for (const expiresAt of ['2026-01-02T00:00:00.001Z', '2026-01-01T00:00:00Z']) {
      await expect(portal({ expiresAt })).rejects.toMatchObject({ errors: [{ pointer: '/expiresAt' }] })
    }
    await expect(portal({ integrationId: 'int_unknown' })).rejects.toMatchObject({
      errors: [{ pointer: '/integrationId', code: 'unknown_integration' }],
    })
    await expect(createApiKey(registry, { kind: 'portal' })).rejects.toMatchObject({
      errors: [{ pointer: '/integrationId', code: 'required' }],
    })
  })

  it('of other kinds have neither an integration nor an end', async () => {
    const { registry } = await makeTestRegistry()
    const input = { kind: 'pub', integrationId: 'int_1', expiresAt: '2026-01-01T01:00:00Z' }
    await expect(createApiKey(registry, input)).rejects.toMatchObject({
      errors: ['/integrationId', '/expiresAt'].map((pointer) => ({ pointer, code: 'not_allowed' })),
    })
  })

  it('of portals go after their time with the next key that is made', async () => {
    const { registry, directory, clock } = await makeTestRegistry()
    const { id: integrationId } = await createIntegration(registry, { name: 'Payroll Sync' })
    const { id } = await createApiKey(registry, { kind: 'portal', integrationId })
    await createApiKey(registry, { kind: 'pub' })
    await clock.advance(3_599_999)
    await createApiKey(registry, { kind: 'pub' })
    expect(directory.keys.get(id)).toBeDefined()
    expect(isEnded(directory.keys.get(id)!, registry.nowMs())).toBe(false)
    await clock.advance(1)
    expect(isEnded(directory.keys.get(id)!, registry.nowMs())).toBe(true)
    await createApiKey(registry, { kind: 'pub' })
    expect(listApiKeys(directory, {}).items.map(({ kind }) => kind)).toEqual(['pub', 'pub', 'pub'])
  })
})
