import { expect, test } from 'vitest'
import { type ClaimNames, readGrantClaims } from './authority-claims.ts'

const names: ClaimNames = { tenant: 'tid', integration: 'azp', types: null, scopes: {} }
const read = (claims: Record<string, unknown>, more: Partial<ClaimNames> = {}) =>
  readGrantClaims(claims, { ...names, ...more })

test('a tenant is a whole number, or its digits', () => {
  for (const tid of [7, '7']) expect(read({ tid, azp: 'a' })).toMatchObject({ kind: 'named', tenantId: 7 })
  for (const tid of [0, -7, 7.5, '07', ' 7', '7 ', '1e3', '', null, undefined, true, [7], { id: 7 }, 2 ** 53]) {
    expect(read({ tid, azp: 'a' })).toEqual({ kind: 'faulty', reason: 'tenant_claim' })
  }
})

test('an integration is a text', () => {
  for (const azp of ['', 5, null, undefined, ['a']]) {
    expect(read({ tid: 7, azp })).toEqual({ kind: 'faulty', reason: 'integration_claim' })
  }
})

test('a name is a claim of its own, or a JSON Pointer', () => {
  const claims = { 'https://example.com/tenant': 7, ext: { 'a/b': { '~': 8 } }, azp: 'a', list: [9] }
  expect(read(claims, { tenant: 'https://example.com/tenant' })).toMatchObject({ tenantId: 7 })
  expect(read(claims, { tenant: '/ext/a~1b/~0' })).toMatchObject({ tenantId: 8 })
  expect(read(claims, { tenant: '/list/0' })).toMatchObject({ tenantId: 9 })
  for (const tenant of ['ext.a', '/ext/none', '/azp/length', '/list/length', '/__proto__/x', 'toString']) {
    expect(read(claims, { tenant })).toMatchObject({ kind: 'faulty' })
  }
})

test('types are event patterns, or what words stand for; the others grant nothing', () => {
  const scopes = { bookkeeping: ['voucher.*', 'account.*'], 'invoice.read': ['invoice.*'] }
  const typesOf = (scope: unknown) => {
    const named = read({ tid: 7, azp: 'a', scope }, { types: 'scope', scopes })
    return named.kind === 'named' ? named.types : named.reason
  }
  expect(typesOf('openid bookkeeping customer.updated')).toEqual(['voucher.*', 'account.*', 'customer.updated'])
  expect(typesOf(['invoice.read', 'invoice.read', 5, null])).toEqual(['invoice.*'])
  expect(typesOf('*')).toEqual(['*'])
  for (const nothing of ['', 'openid', [], {}, undefined, null, 5, 'constructor']) {
    expect(typesOf(nothing)).toBe('types_claim')
  }
})
