import { expect, test } from 'vitest'
import { isVisible } from './visibility.ts'

const grants = {
  ofToken: (tokenId: string) =>
    tokenId === 'tok_narrow' ? { allows: (type: string) => type === 'invoice.updated' } : undefined,
  direct: (integrationId: string, tenantId: number | bigint) =>
    integrationId === 'int_a' && tenantId === 1 ? { allows: (type: string) => type.startsWith('invoice.') } : undefined,
}
const invoice = { tenantId: 1, type: 'invoice.updated', entityKey: '7' }
const failing = { tenantId: 1, type: 'subscription.failing', entityKey: 'int_a sub_1' }
const granted = (integrationId: string) => ({ sees: 'granted', integrationId, tenantId: null }) as const
const byToken = (tenantId: number, tokenId = 'tok_narrow', integrationId = 'int_a') =>
  ({ sees: 'by-token', integrationId, tenantId, tokenId }) as const

test('the application sees everything, a stranger nothing', () => {
  expect(isVisible({ sees: 'everything' }, invoice, grants)).toBe(true)
  expect(isVisible({ sees: 'nothing' }, invoice, grants)).toBe(false)
})

test('an integration by its own credentials sees what all its tokens show', () => {
  expect(isVisible(granted('int_a'), invoice, grants)).toBe(true)
  expect(isVisible(granted('int_a'), { ...invoice, type: 'customer.updated' }, grants)).toBe(false)
  expect(isVisible(granted('int_a'), { ...invoice, tenantId: 2 }, grants)).toBe(false)
  expect(isVisible(granted('int_b'), invoice, grants)).toBe(false)
})

test('whoever brings a token sees its tenant and its types, whatever others show, for as long as it is good', () => {
  expect(isVisible(byToken(1), invoice, grants)).toBe(true)
  expect(isVisible(byToken(1), { ...invoice, type: 'invoice.created' }, grants)).toBe(false)
  expect(isVisible(byToken(2), invoice, grants)).toBe(false)
  expect(isVisible(byToken(1, 'tok_ended'), invoice, grants)).toBe(false)
})

test('operational events are of the integration that they are about', () => {
  expect(isVisible(granted('int_a'), failing, grants)).toBe(true)
  expect(isVisible(byToken(1), failing, grants)).toBe(false)
  const everyType = { ...grants, ofToken: () => ({ allows: () => true }) }
  expect(isVisible(byToken(1), failing, everyType)).toBe(true)
  expect(isVisible(byToken(2), failing, everyType)).toBe(false)
  expect(isVisible(byToken(1, 'tok_narrow', 'int_b'), failing, everyType)).toBe(false)
  expect(isVisible(granted('int_b'), failing, grants)).toBe(false)
})
