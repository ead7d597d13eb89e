import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccessToken } from '../core/registry/registry.ts'
import { nowMs, tokenOf } from './fixtures/records.ts'
import { GrantTable } from './grant-table.ts'

const at = (ms: number) => new Date(nowMs + ms).toISOString()
function tableOf(...tokens: AccessToken[]): GrantTable {
  const table = new GrantTable()
  for (const token of tokens) table.put(token)
  return table
}
const idsOf = (tokens: Iterable<AccessToken>) => [...tokens].map(({ id }) => id)
const shows = (found: ReturnType<GrantTable['direct']>) =>
  ['invoice.updated', 'order.created'].filter((type) => found?.allows(type))

describe('what is granted', () => {
  test('is what the live tokens of the tenant show together', () => {
    const table = tableOf(
      tokenOf('a', 7, { types: ['invoice.*'], expiresAt: at(10) }),
      tokenOf('b', 7, { types: ['order.*'] }),
    )
    expect(shows(table.direct('int_1', 7, nowMs))).toEqual(['invoice.updated', 'order.created'])
    expect(shows(table.direct('int_1', 7, nowMs + 10))).toEqual(['order.created'])
    expect(table.direct('int_1', 8, nowMs)).toBeUndefined()
    expect(table.direct('int_2', 7, nowMs)).toBeUndefined()
  })

  test('ends with the moment at which the only token expires', () => {
    const table = tableOf(tokenOf('a', 7, { expiresAt: at(10) }))
    expect(table.direct('int_1', 7, nowMs + 9)).toBeDefined()
    expect(table.direct('int_1', 7, nowMs + 10)).toBeUndefined()
    expect([...table.tenantsOf('int_1', nowMs + 9)]).toEqual([7])
    expect([...table.tenantsOf('int_1', nowMs + 10)]).toEqual([])
    expect([...table.integrationsOf(7, nowMs + 10)]).toEqual([])
  })

  test('over several tenants is what any of their tokens shows', () => {
    const table = tableOf(tokenOf('a', 7, { types: ['invoice.*'] }), tokenOf('b', 8, { types: ['order.*'] }))
    expect(shows(table.any('int_1', [7, 8], nowMs))).toEqual(['invoice.updated', 'order.created'])
    expect(shows(table.any('int_1', [8, 9], nowMs))).toEqual(['order.created'])
    expect(table.any('int_1', [9], nowMs)).toBeUndefined()
    expect(table.any('int_2', [7], nowMs)).toBeUndefined()
  })
})

test('a token that changes is found by its new hash and tenant alone', () => {
  const table = tableOf(tokenOf('a', 7))
  table.put(tokenOf('a', 8, { hash: 'another' }))
  expect([table.withHash('hash of a'), table.withHash('another')?.token.tenantId]).toEqual([undefined, 8])
  expect([idsOf(table.ofTenant(7)), idsOf(table.ofTenant(8))]).toEqual([[], ['a']])
  expect(idsOf(table.page('int_1', undefined, 5))).toEqual(['a'])
})

test('a hash that passed to another token stays with it', () => {
  const table = tableOf(tokenOf('a', 7, { hash: 'shared' }), tokenOf('b', 7, { hash: 'shared' }))
  table.delete('a')
  expect(table.withHash('shared')?.token.id).toBe('b')
})

describe('expiry', () => {
  const table = tableOf(
    tokenOf('a', 7, { expiresAt: at(20) }),
    tokenOf('b', 7, { expiresAt: at(10), integrationId: 'int_2' }),
    tokenOf('c', 7, { expiresAt: at(10), integrationId: 'int_3' }),
    tokenOf('d', 7),
  )

  test('the next one is after now, and not at it', () => {
    expect([-1, 9, 10, 20].map((ms) => table.nextExpiryMs(nowMs + ms))).toEqual([
      ...[nowMs + 10, nowMs + 10, nowMs + 20, null],
    ])
  })

  test('those in a span are told, its end with it and its beginning without', () => {
    const expired = (from: number, to: number) => [...table.expiredIn(nowMs + from, nowMs + to)]
    expect(expired(0, 9)).toEqual([])
    expect(expired(0, 10)).toEqual(['int_2', 'int_3'])
    expect(expired(10, 20)).toEqual(['int_1'])
    expect(expired(0, 20)).toEqual(['int_2', 'int_3', 'int_1'])
  })

  test('a span of very many is told whole', () => {
    const many = tableOf(...Array.from({ length: 250 }, (_, index) => tokenOf(`t${index}`, 7, { expiresAt: at(5) })))
    expect([...many.expiredIn(nowMs, nowMs + 5)]).toHaveLength(250)
  })

  test('those that ended long ago are found, the first ones first, and none of an authority’s', () => {
    const recognised = { authority: 'own', token: 's', tokenId: 't', tokenExpiresAt: null, proofs: [] }
    const ended = tableOf(
      tokenOf('a', 7, { expiresAt: at(3) }),
      tokenOf('b', 7, { expiresAt: at(1) }),
      tokenOf('c', 7, { expiresAt: at(2), recognised }),
      tokenOf('d', 7, { expiresAt: at(10) }),
    )
    expect(idsOf(ended.endedBefore(nowMs + 10, 5))).toEqual(['b', 'a'])
    expect(idsOf(ended.endedBefore(nowMs + 10, 1))).toEqual(['b'])
    expect(idsOf(ended.endedBefore(nowMs + 11, 5))).toEqual(['b', 'a', 'd'])
  })
})

test('it does as a plain list of tokens does, through every change', () => {
  const change = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    tenantId: fc.integer({ min: 7, max: 8 }),
    integrationId: fc.constantFrom('int_1', 'int_2'),
    expiresInMs: fc.option(fc.integer({ min: -2, max: 2 })),
    isDeletion: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const table = new GrantTable()
      const model = new Map<string, AccessToken>()
      for (const { id, tenantId, integrationId, expiresInMs, isDeletion } of changes) {
        const expiresAt = expiresInMs === null ? null : at(expiresInMs)
        const token = tokenOf(id, tenantId, { integrationId, expiresAt })
        if (isDeletion) {
          table.delete(id)
          model.delete(id)
        } else {
          table.put(token)
          model.set(id, token)
        }
      }
      const all = [...model.values()]
      const live = all.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > nowMs)
      expect(idsOf(table.all()).sort()).toEqual(idsOf(all).sort())
      for (const integrationId of ['int_1', 'int_2']) {
        const own = all.filter((token) => token.integrationId === integrationId)
        expect(idsOf(table.page(integrationId, undefined, 9))).toEqual(idsOf(own).sort())
        expect(idsOf(table.ofIntegration(integrationId)).sort()).toEqual(idsOf(own).sort())
        const granted = new Set(own.filter((token) => live.includes(token)).map(({ tenantId }) => tenantId))
        expect(new Set(table.tenantsOf(integrationId, nowMs))).toEqual(granted)
        for (const tenantId of [7, 8]) {
          expect(table.direct(integrationId, tenantId, nowMs) !== undefined).toBe(granted.has(tenantId))
        }
      }
      for (const tenantId of [7, 8]) {
        expect(idsOf(table.ofTenant(tenantId)).sort()).toEqual(idsOf(all.filter((t) => t.tenantId === tenantId)).sort())
        const integrations = live.filter((token) => token.tenantId === tenantId).map((token) => token.integrationId)
        expect(new Set(table.integrationsOf(tenantId, nowMs))).toEqual(new Set(integrations))
      }
    }),
  )
})
