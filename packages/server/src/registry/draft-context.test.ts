import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { strictPolicy } from '../core/address/endpoint-policy.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { draftContext } from './draft-context.ts'
import { nowMs, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { putRecord } from './writes.ts'

async function contextFor(tenantId: TenantId | null) {
  const { registry, directory } = await makeTestRegistry()
  await registry.commit([
    ...[tenantOf(1), tenantOf(2, 1), tenantOf(3, 2), tenantOf(9)].map((tenant) => putRecord('tenant', tenant)),
    putRecord('token', tokenOf('tok_1', 2, { expiresAt: new Date(nowMs + 10).toISOString() })),
  ])
  const checkSettings = (settings: object) =>
    'mode' in settings ? [] : [{ pointer: '/settings/mode', code: 'required', detail: 'It is needed.' }]
  return (atMs: number) =>
    draftContext({
      ...{
        integrationId: 'int_1',
        tenantId,
        catalogue: builtinCatalogue(new Set(['standard'])),
        directory,
        policy: strictPolicy,
      },
      nowMs: atMs,
      dialects: new Map([
        ['standard', { allowsBatch: true, secret: 'standard', checkSettings: undefined }],
        ['moneybird', { allowsBatch: false, secret: 'none', checkSettings }],
      ]),
      isUsableTls: () => true,
    })
}
const chosen = (context: ReturnType<typeof draftContext>) => [1, 2, 3, 9].filter((id) => context.mayChoose(id))

describe('tenants that may be chosen', () => {
  test('are those that granted, and those below them, while the grant is good', async () => {
    const contextAt = await contextFor(null)
    expect(chosen(contextAt(nowMs))).toEqual([2, 3])
    expect(chosen(contextAt(nowMs + 10))).toEqual([])
  })

  test('are by a token its own and those below it alone', async () => {
    expect(chosen((await contextFor(3))(nowMs))).toEqual([3])
    expect(chosen((await contextFor(9))(nowMs))).toEqual([])
  })
})

test('what a dialect allows is asked of it, and a dialect that there is not allows nothing', async () => {
  const context = (await contextFor(null))(nowMs)
  expect([...context.dialects]).toEqual(['standard', 'moneybird'])
  expect(['standard', 'moneybird', 'none'].map((dialect) => context.allowsBatch(dialect))).toEqual([true, false, false])
  expect(['standard', 'moneybird', 'none'].map((dialect) => context.hasStandardSecret(dialect))).toEqual([
    ...[true, false, false],
  ])
  expect([...context.typesOf('moneybird')].length).toBeLessThan([...context.typesOf('standard')].length)
})

test('settings are the dialect’s own, and one without settings refuses each by its name', async () => {
  const context = (await contextFor(null))(nowMs)
  expect(context.settingsFaults('moneybird', { mode: 1 })).toEqual([])
  expect(context.settingsFaults('moneybird', {})).toMatchObject([{ pointer: '/settings/mode' }])
  expect(context.settingsFaults('standard', {})).toEqual([])
  expect(context.settingsFaults('standard', { a: 1, b: 2 })).toMatchObject([
    { pointer: '/settings/a', code: 'unknown_field' },
    { pointer: '/settings/b', code: 'unknown_field' },
  ])
})

test('an endpoint’s URL is checked by the server’s policy', async () => {
  const context = (await contextFor(null))(nowMs)
  expect(context.isAllowedUrl('https://example.com/hook')).toBe(true)
  expect(context.isAllowedUrl('http://example.com/hook')).toBe(false)
})
