import { expect, test } from 'vitest'
import { builtinCatalogue } from './builtin.ts'
import { addOperatorTypes } from './operator-types.ts'

const dialects = new Set(['fortnox', 'tripletex', 'moneybird', 'visma-business-nxt', 'fakturownia'])
const builtin = builtinCatalogue()

function faults(...list: readonly unknown[]) {
  const result = addOperatorTypes(builtin, list, dialects)
  return result.kind === 'added' ? 'added' : result.errors.map(({ pointer, code }) => `${code} at ${pointer}`)
}

test('types are added, and built-in ones changed', () => {
  const any = { type: 'object', required: ['id'] }
  const result = addOperatorTypes(
    builtin,
    [
      {
        type: 'machine.started',
        topic: 'machines',
        description: 'A machine was started.',
        attributes: [{ name: 'speed', type: 'number' }],
        names: { 'visma-business-nxt': 'Machine INSERT' },
      },
      { type: 'invoice.updated', dataSchema: any },
    ],
    dialects,
  )
  if (result.kind !== 'added') throw new Error(JSON.stringify(result.errors))
  expect(result.catalogue.byName('visma-business-nxt', 'Machine INSERT')?.type).toBe('machine.started')
  expect([...result.catalogue.find('machine.started')!.attributes]).toEqual([['speed', 'number']])
  expect(result.catalogue.find('invoice.updated')?.dataSchema).toEqual(any)
  expect(result.catalogue.nameIn('invoice.updated', 'fortnox')).toBe('invoice-updated-v1')
})

test('every fault of every entry is told at once', () => {
  const dataSchema = { properties: { a: { $ref: 'http://169.254.169.254/' } } }
  expect(
    faults(
      { type: 'machine', topic: 'machines', names: { fortnox: 'machine-started-v1', nosuch: 'x' } },
      { topic: 'tools', owner: 'me', attributes: [{ name: 'speed', type: 'velocity' }], dataSchema },
    ),
  ).toEqual([
    'invalid_value at /0/type',
    'unknown_dialect at /0/names/nosuch',
    'unknown_field at /1/owner',
    'required at /1/type',
    'invalid_value at /1/attributes/0/type',
    'remote_reference at /1/dataSchema/properties/a/$ref',
  ])
})

test('clashes with the catalogue and within the list are faults too', () => {
  expect(
    faults(
      { type: 'machine.started', topic: 'machines', names: { fortnox: 'invoice-updated-v1' } },
      { type: 'machine.stopped' },
      { type: 'machine.started', topic: 'machines' },
    ),
  ).toEqual(['required at /1/topic', 'duplicate_type at /2/type'])
  expect(faults({ type: 'machine.started', topic: 'machines', names: { fortnox: 'invoice-updated-v1' } })).toEqual([
    'name_taken at /0/names/fortnox',
  ])
})
