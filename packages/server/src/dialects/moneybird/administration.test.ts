import { expect, test } from 'vitest'
import { sampleSubscription } from '../samples.ts'
import { administrationOf, administrationView } from './administration.ts'

test('an administration has the keys of the contract and no more', () => {
  const view = administrationView({ id: 29302, name: 'Bygg', parentId: 1, createdAt: '2025-07-01T00:00:00.000Z' })
  expect(Object.keys(view)).toEqual([
    'id',
    'name',
    'language',
    'currency',
    'country',
    'time_zone',
    'access',
    'suspended',
    'period_locked_until',
    'period_start_date',
  ])
  expect(view).toMatchObject({ id: '29302', name: 'Bygg', period_start_date: '2025-01-01' })
})

test('a webhook of several administrations is of none', () => {
  const of = (more: object) => administrationOf(sampleSubscription('moneybird', more))
  expect(of({ boundTenantId: 7 })).toBe(7)
  expect(of({ boundTenantId: 7, tenants: { kind: 'list', tenantIds: [8] } })).toBe(8)
  expect(of({ tenants: { kind: 'list', tenantIds: [8] } })).toBe(8)
  expect(of({ tenants: { kind: 'list', tenantIds: [8, 9] } })).toBeUndefined()
  expect(of({ tenants: { kind: 'subtree', tenantId: 7 } })).toBeUndefined()
  expect(of({})).toBeUndefined()
})
