import { expect, test } from 'vitest'
import { entityOf, isReplaceable } from './entity-order.ts'

const invoice = { tenantId: 1, type: 'invoice.updated', entityKey: '7' }

test('an entity is the same whatever happened to it', () => {
  expect(entityOf({ ...invoice, type: 'invoice.deleted' })).toBe(entityOf(invoice))
})

test.each([
  ['tenant', { ...invoice, tenantId: 2 }],
  ['kind', { ...invoice, type: 'invoice.payment.updated' }],
  ['key', { ...invoice, entityKey: '8' }],
])('another %s is another entity', (_what, other) => {
  expect(entityOf(other)).not.toBe(entityOf(invoice))
})

test('a creation is never replaced by what came after it', () => {
  expect(isReplaceable({ type: 'invoice.created' })).toBe(false)
  expect(isReplaceable({ type: 'invoice.updated' })).toBe(true)
  expect(isReplaceable({ type: 'invoice.deleted' })).toBe(true)
})
