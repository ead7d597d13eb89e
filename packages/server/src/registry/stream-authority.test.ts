import { describe, expect, test } from 'vitest'
import type { AccessChange } from '../stream/stream-authority.ts'
import { createAccessToken, deleteAccessToken } from './access-tokens.ts'
import { makeTestRegistry, testPeppers } from './fixtures/test-registry.ts'
import { createIntegration, deleteIntegration } from './integrations.ts'
import type { Recognition } from './recogniser.ts'
import { makeStreamAuthority } from './stream-authority.ts'
import { changeTenant, createTenant, deleteTenant } from './tenants.ts'

async function setUp(recognition: Recognition = 'refused') {
  const made = await makeTestRegistry()
  const { registry, directory } = made
  await createTenant(registry, { id: 1 })
  await createTenant(registry, { id: 2, parentId: 1 })
  const one = await createIntegration(registry, { name: 'One', clientSecret: 'secret of one' })
  const other = await createIntegration(registry, { name: 'Other', clientSecret: 'secret of other' })
  const asked: string[] = []
  const authority = makeStreamAuthority(directory, testPeppers, async (text, asker) => {
    asked.push(`${text} for ${asker}`)
    return recognition
  })
  const token = (integrationId: string, input: object) =>
    createAccessToken(registry, integrationId, { tenantId: 1, ...input })
  const check = (secret: string, ...tokens: string[]) => authority.checkTokens(secret, tokens, registry.nowMs())
  return { ...made, one, other, authority, asked, token, check }
}

describe('tokens on a stream', () => {
  test('are granted with the secret of their integration, in the order given', async () => {
    const { one, token, check, asked } = await setUp()
    const a = await token(one.id, { types: ['invoice.*'] })
    const b = await token(one.id, { tenantId: 2, expiresAt: '2026-02-01T00:00:00Z' })
    const checked = await check('secret of one', b.accessToken, a.accessToken)
    expect(checked).toMatchObject({
      kind: 'granted',
      grants: [
        { tokenId: b.id, integrationId: one.id, tenantId: 2, expiresAtMs: Date.parse('2026-02-01T00:00:00Z') },
        { tokenId: a.id, integrationId: one.id, tenantId: 1, expiresAtMs: null },
      ],
    })
    expect(checked.kind === 'granted' && checked.grants[1]!.types.allows('order.created')).toBe(false)
    expect(asked).toEqual([])
  })

  test('are refused by name when they are expired, another’s or unknown; the others are not named', async () => {
    const { one, other, token, check, clock } = await setUp()
    const good = await token(one.id, {})
    const expired = await token(one.id, { expiresAt: '2026-01-01T00:00:01Z' })
    const foreign = await token(other.id, {})
    await clock.advance(1_000)
    const texts = [good, expired, foreign].map(({ accessToken }) => accessToken)
    expect(await check('secret of one', ...texts, 'unknown')).toEqual({
      ...{ kind: 'refused', invalidTokens: new Set([texts[1], texts[2], 'unknown']) },
    })
    expect(await check('wrong', texts[0]!)).toEqual({ kind: 'refused', invalidTokens: new Set([texts[0]]) })
  })

  test('without any, the secret alone is checked', async () => {
    const { check } = await setUp()
    expect(await check('secret of one')).toEqual({ kind: 'granted', grants: [] })
    expect(await check('wrong')).toEqual({ kind: 'refused', invalidTokens: new Set() })
  })

  test('that are unknown are recognised only for whoever shows a secret', async () => {
    const { one, check, asked } = await setUp()
    await check('wrong', 'unknown')
    expect(asked).toEqual([])
    await check('secret of one', 'unknown')
    expect(asked).toEqual([`unknown for ${one.id}`])
  })
})

test('what a token shows is told until it, its tenant or its integration is gone', async () => {
  const { registry, one, authority, token } = await setUp()
  const tokens = [await token(one.id, {}), await token(one.id, { tenantId: 2 }), await token(one.id, {})]
  const held = () => tokens.map(({ id }) => authority.grantOf(id)?.tenantId)
  expect(held()).toEqual([1, 2, 1])
  await deleteAccessToken(registry, one.id, tokens[0]!.id)
  expect(held()).toEqual([undefined, 2, 1])
  await deleteTenant(registry, 2)
  expect(held()).toEqual([undefined, undefined, 1])
  await deleteIntegration(registry, one.id)
  expect(held()).toEqual([undefined, undefined, undefined])
})

test('a token that ends, and a tenant that comes, moves or goes, is told to those above it', async () => {
  const { registry, one, authority, token } = await setUp()
  await createTenant(registry, { id: 5 })
  await createTenant(registry, { id: 6, parentId: 5 })
  const heard: [string[], unknown[]][] = []
  const cancel = authority.onChanged(({ tokenIds, tenantIds }: AccessChange) => {
    heard.push([[...tokenIds], [...tenantIds].map(Number).sort((a, b) => a - b)])
  })
  const last = () => heard.splice(0)
  await createTenant(registry, { id: 3, parentId: 2 })
  expect(last()).toEqual([[[], [1, 2, 3]]])
  await changeTenant(registry, 3, { parentId: 6 })
  expect(last()).toEqual([[[], [1, 2, 3, 5, 6]]])
  await changeTenant(registry, 3, { name: 'another name' })
  expect(last()).toEqual([])
  const made = await token(one.id, { tenantId: 3 })
  last()
  await deleteTenant(registry, 3)
  expect(last()).toEqual([[[made.id], [3, 5, 6]]])
  cancel()
  await createTenant(registry, { id: 9 })
  expect(last()).toEqual([])
})
