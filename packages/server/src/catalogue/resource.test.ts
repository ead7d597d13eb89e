import { expect, test } from 'vitest'
import { builtinCatalogue } from './builtin.ts'
import type { EventTypeDefinition } from './event-type.ts'
import { eventTypeResource } from './resource.ts'

const sealed: EventTypeDefinition = {
  ...{ type: 'invoice.sealed', topic: 'invoices', description: 'An invoice was sealed.' },
  attributes: [
    { name: 'seal', type: 'string' },
    { name: 'count', type: 'number' },
  ],
  names: { moneybird: 'invoice_sealed' },
  details: { moneybird: { secret: true } },
}
const shown = (definition: EventTypeDefinition) => {
  const catalogue = builtinCatalogue(new Set(['standard'])).with([definition])
  return eventTypeResource(catalogue, catalogue.find(definition.type)!)
}

test('a type is shown with its attributes in order and its names, and without what a dialect alone reads', () => {
  expect(shown(sealed)).toEqual({
    ...{ type: 'invoice.sealed', topic: 'invoices', description: 'An invoice was sealed.' },
    attributes: sealed.attributes,
    names: { standard: 'invoice.sealed', moneybird: 'invoice_sealed' },
  })
})

test('its schema is shown where it has one', () => {
  expect(shown({ ...sealed, dataSchema: { type: 'object' } }).dataSchema).toEqual({ type: 'object' })
})
