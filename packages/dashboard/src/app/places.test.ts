import { expect, test } from 'vitest'
import type { Session } from '../api/session.ts'
import { maySee, placeOf } from './places.ts'

const session = (kind: Session['kind'], ...may: string[]): Session => ({ kind, may, expiresAt: null })

test('a path lies in the place of its first part', () => {
  expect(placeOf('/')?.label).toBe('nav.overview')
  expect(placeOf('/subscriptions/sub_1')?.label).toBe('nav.subscriptions')
  expect(placeOf('/nowhere')).toBeUndefined()
})

test('a place is for whoever has one of its rights', () => {
  const [tenants, deliveries] = [placeOf('/tenants')!, placeOf('/deliveries')!]
  expect(maySee(tenants, session('operator', 'operate', 'read'))).toBe(true)
  expect(maySee(tenants, session('publisher', 'publish', 'read'))).toBe(false)
  expect(maySee(deliveries, session('publisher', 'publish', 'read'))).toBe(false)
  expect(maySee(deliveries, session('portal'))).toBe(true)
})
