import { expect, test } from 'vitest'
import { isVisible } from './visibility.ts'

const grants = {
  direct: (integrationId: string, tenantId: number | bigint) =>
    integrationId === 'int_a' && tenantId === 1 ? { allows: (type: string) => type.startsWith('invoice.') } : undefined,
}
const invoice = { tenantId: 1, type: 'invoice.updated', entityKey: '7' }
const failing = { tenantId: 1, type: 'subscription.failing', entityKey: 'int_a sub_1' }
const granted = (integrationId: string, tenantId: number | null = null) =>
  ({ sees: 'granted', integrationId, tenantId }) as const

test('the application sees everything, a stranger nothing', () => {
  expect(isVisible({ sees: 'everything' }, invoice, grants)).toBe(true)
  expect(isVisible({ sees: 'nothing' }, invoice, grants)).toBe(false)
})

test('an integration sees what it was granted, and with a tenant of its own that tenant alone', () => {
  expect(isVisible(granted('int_a'), invoice, grants)).toBe(true)
  expect(isVisible(granted('int_a', 1), invoice, grants)).toBe(true)
  expect(isVisible(granted('int_a', 2), invoice, grants)).toBe(false)
  expect(isVisible(granted('int_a'), { ...invoice, type: 'customer.updated' }, grants)).toBe(false)
  expect(isVisible(granted('int_a'), { ...invoice, tenantId: 2 }, grants)).toBe(false)
  expect(isVisible(granted('int_b'), invoice, grants)).toBe(false)
})

test('operational events are of the integration that they are about', () => {
  expect(isVisible(granted('int_a'), failing, grants)).toBe(true)
  expect(isVisible(granted('int_a', 2), failing, grants)).toBe(false)
  expect(isVisible(granted('int_b'), failing, grants)).toBe(false)
})
