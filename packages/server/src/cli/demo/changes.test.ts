import fc from 'fast-check'
import { expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import { companies, nextChange, openingState } from './changes.ts'

const catalogue = builtinCatalogue(new Set())

test('every change can be published, and reaches the Fortnox stream too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 50, maxLength: 400 }),
      (numbers) => {
        let at = 0
        const random = () => numbers[at++ % numbers.length]!
        let state = openingState
        for (let count = 0; count < 50; count++) {
          const next = nextChange(state, random)
          state = next.state
          const { event, company } = next.change
          const type = catalogue.find(event.type)
          expect(type, event.type).toBeDefined()
          expect(catalogue.nameIn(event.type, 'fortnox')).toBeDefined()
          for (const name of Object.keys(event.attributes ?? {})) expect(type!.attributes.has(name)).toBe(true)
          expect(companies).toContain(company)
          expect(event).toMatchObject({ tenantId: company.tenantId, entityId: expect.stringMatching(/./) })
          expect(state.sales.length).toBeLessThanOrEqual(5)
        }
      },
    ),
    { numRuns: 30 },
  )
})

test('a sale goes through its steps in order, once', () => {
  // Never an aside, a new sale only when there is none, always the first choice.
  let calls = 0
  const random = () => (calls++ === 0 ? 0.9 : 0.5)
  let state = openingState
  const types: string[] = []
  for (let step = 0; step < 5; step++) {
    const next = nextChange(state, random)
    state = next.state
    types.push(next.change.event.type)
  }
  expect(types).toEqual([
    'order.created',
    'order.updated',
    'invoice.created',
    'invoice.charged',
    'invoice-payment.bookkept',
  ])
  expect(state.sales).toEqual([])
})
