import { describe, expect, test } from 'vitest'
import { builtinCatalogue } from '../../catalogue/builtin.ts'
import { checkFields, type FieldModel, type Model, parseFields } from '../../core/filter/fields.ts'
import { builtinModel, modelOf, sampleEntity } from './entity-model.ts'
import { tripletexModels } from './models.ts'

function faultsOf(model: Model | undefined, fields: string): string[] {
  const parsed = parseFields(fields)
  if (!parsed.ok || !model) throw new Error(fields)
  return checkFields(parsed.selection, model).map(({ path, code }) => `${path} ${code}`)
}

const payloadModels = [...builtinCatalogue().types('tripletex')]
  .map(({ details }) => details.get('tripletex')!)
  .filter(({ payloadModel }) => payloadModel !== undefined)

test('every payload model of the catalogue is there', () => {
  expect(payloadModels.length).toBeGreaterThan(20)
  for (const details of payloadModels) expect([details, modelOf(details)?.has('id')]).toEqual([details, true])
})

test('every model that a field names is there', () => {
  const named = Object.values(tripletexModels).flatMap((notation) =>
    [...notation.matchAll(/:\[?\{?(\w+)/g)].map(([, name]) => name!),
  )
  expect(named.filter((name) => !(name in tripletexModels))).toEqual([])
})

test.each([
  ['Order', '*,orderLines(*,product(number))', []],
  ['Product', '*,currency(*)', []],
  ['Invoice', 'orders(orderLines(product(vatType(name)))),postings(account(number))', []],
  ['Customer', 'postalAddress(city,country(isoAlpha2Code)),bankAccounts', []],
  ['Employee', 'employments(employmentDetails(annualSalary)),holidayAllowanceEarned(year)', []],
  [
    'Voucher',
    'nonsense,number(x),postings(nonsense)',
    ['nonsense unknown_field', 'number not_nested', 'postings.nonsense unknown_field'],
  ],
])('%s: %s', (name, fields, faults) => {
  expect(faultsOf(builtinModel(name), fields)).toEqual(faults)
})

describe("an operator's own models", () => {
  const details = {
    payloadModel: 'Boat',
    models: {
      Boat: 'id# length# isSold? built@ owner:Customer parts:[{Part}] tags:[] other:Unknown',
      Part: 'name boat:Boat',
    },
  }

  test('stand beside the built-in ones', () => {
    expect(faultsOf(modelOf(details), 'length,parts(name,boat(id)),owner(name),tags')).toEqual([])
    expect(faultsOf(modelOf(details), 'width,owner(width)')).toEqual([
      'width unknown_field',
      'owner.width unknown_field',
    ])
    const kinds = [...modelOf(details)!].map(([name, field]) => [name, kindOf(field)])
    expect(kinds).toEqual([
      ['id', 'scalar'],
      ['length', 'scalar'],
      ['isSold', 'scalar'],
      ['built', 'scalar'],
      ['owner', 'reference'],
      ['parts', 'list of object'],
      ['tags', 'list of scalar'],
      ['other', 'scalar'],
    ])
  })

  test('make the example, too', () => {
    expect(sampleEntity(details, 1, 'example.com')).toEqual({
      id: 1,
      length: 1,
      isSold: false,
      built: '2026-01-31',
      owner: { id: 2, url: 'example.com/v2/customer/2' },
      tags: ['Sample tags'],
      other: { id: 2, url: 'example.com/v2/unknown/2' },
    })
  })
})

test('what is no notation is passed over', () => {
  const details = { payloadModel: 'Boat', models: { Boat: 'id# le-ngth name:', Part: 5, Sail: ['x'] } }
  expect([...modelOf(details)!.keys()]).toEqual(['id', 'name'])
  expect(modelOf({ payloadModel: 'Boat', models: 'id' })).toBeUndefined()
})

test('the notation of the built-in models has no other words', () => {
  const words = Object.values(tripletexModels).flatMap((text) => text.split(/\s+/))
  const fields = Object.keys(tripletexModels).flatMap((name) => [...builtinModel(name).keys()])
  expect(words.length).toBe(fields.length)
})

function kindOf(field: FieldModel): string {
  return field.kind === 'list' ? `list of ${kindOf(field.of)}` : field.kind
}

test('without a payload model nothing is known', () => {
  expect([modelOf(undefined), modelOf({}), modelOf({ payloadModel: 'Unknown' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect([sampleEntity({}, 1, ''), sampleEntity({ payloadModel: 'Unknown' }, 1, '')]).toEqual([null, null])
})
