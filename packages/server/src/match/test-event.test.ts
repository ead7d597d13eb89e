import { expect, it } from 'vitest'
import { sampleSubscription } from '../dialects/samples.ts'
import { testEvent } from './test-event.ts'

const types = [
  { type: 'customer.updated', topic: 'customers' },
  { type: 'invoice.created', topic: 'invoices' },
  { type: 'invoice.updated', topic: 'invoices' },
]
const choice = { types, tenantId: 7, asked: undefined, nowMs: Date.UTC(2026, 0, 31, 12) }

it('is of the first type that the subscription asks for, and looks like a published one', () => {
  const event = testEvent(sampleSubscription('standard', { types: ['order.*', 'invoice.*'] }), choice)
  expect(event).toMatchObject({ type: 'invoice.created', topic: 'invoices', tenantId: 7, isQuiet: false, position: 0 })
  expect(JSON.parse(`{${event.head},${event.tail}}`)).toEqual({
    ...{ type: 'invoice.created', timestamp: '2026-01-31T12:00:00.000Z', tenantId: 7, entityId: 'test', id: 'test' },
    data: { id: 'test', test: true },
  })
})

it('is of the type that the caller asks for, also one that the subscription does not', () => {
  const subscription = sampleSubscription('standard', { types: ['customer.*'] })
  expect(testEvent(subscription, { ...choice, asked: 'invoice.updated' }).type).toBe('invoice.updated')
})

it('is of the first tenant, where none has granted anything yet', () => {
  expect(testEvent(sampleSubscription('standard'), { ...choice, tenantId: undefined }).tenantId).toBe(1)
})

it('is refused where the dialect can name no such type', () => {
  const refused = expect.objectContaining({ code: 'invalid_request' })
  expect(() => testEvent(sampleSubscription('standard'), { ...choice, asked: 'order.created' })).toThrow(refused)
  expect(() => testEvent(sampleSubscription('standard', { types: ['order.*'] }), choice)).toThrow(refused)
})
