import { describe, expect, it } from 'vitest'
import { readKey } from '../core/credential/key.ts'
import { createAccessToken, deleteAccessToken, listAccessTokens } from './access-tokens.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { createIntegration } from './integrations.ts'
import { createTenant } from './tenants.ts'

describe('access tokens', () => {
  it('grant a tenant, shown once, listed without their text', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const made = await createAccessToken(registry, id, {
      tenantId: 1,
      types: ['invoice.*'],
      expiresAt: '2026-02-01T00:00:00+01:00',
    })
    expect(readKey(made.accessToken)).toEqual({ kind: 'at' })
    const { accessToken, ...view } = made
    expect(listAccessTokens(directory, id, {})).toEqual({ items: [view], next: null })
    expect(directory.grants.withHash(registry.hash(accessToken))?.token.id).toBe(made.id)
    await deleteAccessToken(registry, id, made.id)
    expect(directory.grantOf(id, 1, registry.nowMs())).toBeUndefined()
    await expect(deleteAccessToken(registry, id, made.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are taken over from elsewhere as they are, each once, also from before a new master key', async () => {
    const old = await makeTestRegistry({ peppers: [Buffer.alloc(32, 1)] })
    await createTenant(old.registry, { id: 1 })
    const { id } = await createIntegration(old.registry, { name: 'Payroll Sync' })
    await createAccessToken(old.registry, id, { tenantId: 1, accessToken: '6565df' })
    const again = { tenantId: 1, accessToken: '6565df' }
    await expect(createAccessToken(old.registry, id, again)).rejects.toMatchObject({ code: 'conflict' })
    const rotated = await makeTestRegistry({ store: old.store, peppers: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)] })
    await expect(createAccessToken(rotated.registry, id, again)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('are not deleted through another integration', async () => {
    const { registry } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const [a, b] = [await createIntegration(registry, { name: 'A' }), await createIntegration(registry, { name: 'B' })]
    const token = await createAccessToken(registry, a.id, { tenantId: 1 })
    await expect(deleteAccessToken(registry, b.id, token.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tell everything that is wrong at once', async () => {
    const { registry } = await makeTestRegistry()
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const input = { tenantId: 7, types: ['invoice.*', 'Invoice', 3], expiresAt: 'tomorrow', accessToken: ' abc' }
    await expect(createAccessToken(registry, id, input)).rejects.toMatchObject({
      errors: ['/types/1', '/types/2', '/expiresAt', '/accessToken', '/tenantId'].map((pointer) => ({ pointer })),
    })
  })

  it('that ended two weeks ago go with the next one that is made, a hundred at a time', async () => {
    const { registry, directory, clock } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const expiresAt = '2026-01-01T00:00:01Z'
    for (let count = 0; count < 105; count++) await createAccessToken(registry, id, { tenantId: 1, expiresAt })
    const make = async () => {
      await createAccessToken(registry, id, { tenantId: 1 })
      return directory.grants.ofIntegration(id).length
    }
    await clock.advance(14 * 86_400_000 + 1_000)
    expect(await make()).toBe(106)
    await clock.advance(1)
    expect(await make()).toBe(7)
    expect(await make()).toBe(3)
  })

  it('that were imported are remembered when they end, for an authority may vouch for them', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    const made = await createAccessToken(registry, id, { tenantId: 1 })
    const imported = await createAccessToken(registry, id, { tenantId: 1, accessToken: 'brought-along' })
    await deleteAccessToken(registry, id, made.id)
    expect(directory.endedTokens.size).toBe(0)
    await deleteAccessToken(registry, id, imported.id)
    expect(directory.endedTokens.size).toBe(1)
  })

  it('are listed for an integration that there is, page by page', async () => {
    const { registry, directory } = await makeTestRegistry()
    await createTenant(registry, { id: 1 })
    const { id } = await createIntegration(registry, { name: 'Payroll Sync' })
    for (let count = 0; count < 3; count++) await createAccessToken(registry, id, { tenantId: 1 })
    const first = listAccessTokens(directory, id, { limit: 2 })
    expect([first.items.length, typeof first.next]).toEqual([2, 'string'])
    expect(listAccessTokens(directory, id, { limit: 2, cursor: first.next })).toMatchObject({ next: null })
    expect(() => listAccessTokens(directory, 'int_unknown', {})).toThrow(expect.objectContaining({ code: 'not_found' }))
  })
})
