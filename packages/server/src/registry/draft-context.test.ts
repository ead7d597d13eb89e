import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { DraftContext } from '../core/subscription/subscription-draft.ts'
import { DraftContexts } from './draft-context.ts'
import { nowMs, tenantOf, tokenOf } from './fixtures/records.ts'
import { makeTestRegistry } from './fixtures/test-registry.ts'
import { putRecord } from './writes.ts'

const allowed = 'https://example.com/hook'

async function contextFor(tenantId: TenantId | null) {
  const { registry, directory } = await makeTestRegistry()
  await registry.commit([
    ...[tenantOf(1), tenantOf(2, 1), tenantOf(3, 2), tenantOf(9)].map((tenant) => putRecord('tenant', tenant)),
    putRecord('token', tokenOf('tok_1', 2, { expiresAt: new Date(nowMs + 10).toISOString() })),
  ])
  const checkSettings = (settings: object) =>
    'mode' in settings ? [] : [{ pointer: '/settings/mode', code: 'required', detail: 'It is needed.' }]
  const catalogue = builtinCatalogue(new Set(['standard']))
  const dialects = new Map([
    ['standard', { allowsBatch: true, secret: 'standard' as const }],
    ['moneybird', { allowsBatch: false, secret: 'none' as const, checkSettings }],
  ])
  const endpoints = { isAllowedUrl: (url: string) => url === allowed, isUsableTls: () => false }
  return (atMs: number) =>
    new DraftContexts({
      ...{ directory, endpoints, dialects, catalogue: () => catalogue, clock: { now: () => atMs } },
    }).contextOf('int_1', tenantId)
}
const chosen = (context: DraftContext) => [1, 2, 3, 9].filter((id) => context.tenants.mayChoose(id))

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
  expect([...context.dialects.names]).toEqual(['standard', 'moneybird'])
  expect(['standard', 'moneybird', 'none'].map((dialect) => context.dialects.allowsBatch(dialect))).toEqual([
    true,
    false,
    false,
  ])
  expect(['standard', 'moneybird', 'none'].map((dialect) => context.dialects.hasStandardSecret(dialect))).toEqual([
    ...[true, false, false],
  ])
  expect([...context.dialects.typesOf('moneybird')].length).toBeLessThan(
    [...context.dialects.typesOf('standard')].length,
  )
})

test('settings are the dialect’s own, and one without settings refuses each by its name', async () => {
  const context = (await contextFor(null))(nowMs)
  expect(context.dialects.settingsFaults('moneybird', { mode: 1 })).toEqual([])
  expect(context.dialects.settingsFaults('moneybird', {})).toMatchObject([{ pointer: '/settings/mode' }])
  expect(context.dialects.settingsFaults('standard', {})).toEqual([])
  expect(context.dialects.settingsFaults('standard', { a: 1, b: 2 })).toMatchObject([
    { pointer: '/settings/a', code: 'unknown_field' },
    { pointer: '/settings/b', code: 'unknown_field' },
  ])
})

test('endpoints are checked by the server’s rules', async () => {
  const { endpoints } = (await contextFor(null))(nowMs)
  expect(endpoints.isAllowedUrl(allowed)).toBe(true)
  expect(endpoints.isAllowedUrl('https://example.org/hook')).toBe(false)
  expect(endpoints.isUsableTls({})).toBe(false)
})
