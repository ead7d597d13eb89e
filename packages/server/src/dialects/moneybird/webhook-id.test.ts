import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numberOfWebhookId, webhookIdOf } from './webhook-id.ts'

const idOf = (number: number) => webhookIdOf({ number, settings: {} })

test('every number has an id of 18 digits that names it again and survives a client that reads numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (number) => {
      const id = idOf(number)
      expect(id).toMatch(/^\d{18}$/)
      expect(numberOfWebhookId(id)).toBe(number)
      expect(String(JSON.parse(id))).toBe(id)
    }),
  )
})

test('ids keep their spelling from release to release', () => {
  expect([idOf(1), idOf(42), idOf(2 ** 31 - 1)]).toEqual([
    '116000000001000000',
    '116000000042000000',
    '118147483647000000',
  ])
})

test.each(['', '1', 'sub_1', '116000000000000000', '116000000001000001', '-116000000001000000', '0116000000001000000'])(
  '%j is none of them',
  (id) => {
    expect(numberOfWebhookId(id)).toBeUndefined()
  },
)

test('an imported webhook keeps the id that its integrator knows', () => {
  expect(webhookIdOf({ number: 1, settings: { webhookId: '116010948233266179' } })).toBe('116010948233266179')
})
