import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../catalogue/builtin.ts'
import { dialectNames } from '../core/dialect/dialect-names.ts'
import { EventBodies } from './event-bodies.ts'
import { EventSamples } from './event-samples.ts'

const nowMs = Date.UTC(2026, 11, 1, 12)
const catalogue = builtinCatalogue(new Set(['standard', 'cloudevents']))
const samples = new EventSamples(
  new EventBodies({
    epoch: 1,
    clock: { now: () => nowMs },
    catalogue: () => catalogue,
    families: { familyOf: () => ({ parentTenantId: null, hasChildTenants: false }) },
    offsetOf: () => 'xDy7J',
    settings: new Map(),
  }),
  () => nowMs,
)

describe.each(dialectNames)('%s', (dialect) => {
  test('has a sample of each type that it can name, by its name there', () => {
    for (const type of catalogue.types(dialect)) {
      const found = samples.samplesOf(type).find((sample) => sample.dialect === dialect)
      expect(found?.name, type.type).toBe(catalogue.nameIn(type.type, dialect) ?? type.type)
      expect(JSON.parse(found!.event), type.type).toMatchObject({ tenantId: 29302, type: type.type })
      expect(found!.body, type.type).not.toBe('')
    }
  })
})

test('a type without a name in a dialect has no sample there', () => {
  const type = catalogue.find('invoice.updated')!
  const named = dialectNames.filter((name) => type.names.has(name) || name === 'standard' || name === 'cloudevents')
  expect(
    samples
      .samplesOf(type)
      .map(({ dialect }) => dialect)
      .toSorted(),
  ).toEqual(named.toSorted())
})
