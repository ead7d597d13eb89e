import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { type Mapping, type Report, readBySchema } from './schema-reading.ts'
import { wholeNumber } from './whole-number.ts'

const schema = Type.Object({
  place: Type.Object({ name: Type.String({ fault: 'must be a name' }), note: Type.Optional(Type.String()) }),
  count: wholeNumber(1, 9, 5),
  by: Type.Record(Type.String(), Type.Unknown(), {
    default: {},
    nameFault: (name: string) => (name === 'bad' ? 'is bad' : undefined),
    rules: (given: Mapping, report: Report) => {
      if ('a' in given && 'b' in given) report(['b'], 'is one too many')
    },
  }),
})

function read(given: unknown) {
  const faults: string[] = []
  const value = readBySchema(schema, given, (path, detail) => faults.push(`${path.join('.')} ${detail}`))
  return { value, faults }
}

test('what is not given has its default, and null is not given', () => {
  const value = { place: { name: 'x' }, count: 5, by: {} }
  expect(read({ place: { name: 'x', note: null }, count: null })).toEqual({ value, faults: [] })
})

test('every fault is told, at its place', () => {
  expect(read({ place: { nam: 'x' }, count: 10, by: { a: 1, b: 2, bad: 3 } }).faults).toEqual([
    'place.nam is not a setting; there are name and note',
    'place.name must be a name',
    'count must be a whole number from 1 to 9',
    'by.bad is bad',
    'by.b is one too many',
  ])
  expect(read({}).faults).toEqual(['place.name must be a name'])
  expect(read([]).faults).toEqual([' must be a mapping of settings'])
})

const shape = Type.Union(
  [
    Type.Object({ kind: Type.Literal('circle'), radius: wholeNumber(1, 9) }),
    Type.Object({ kind: Type.Literal('dot') }),
  ],
  {},
)

test('of alternatives, the kind says which is meant', () => {
  const faultsOf = (given: unknown) => {
    const faults: string[] = []
    readBySchema(shape, given, (path, detail) => faults.push(`${path.join('.')} ${detail}`))
    return faults
  }
  expect(faultsOf({ kind: 'circle', radius: 3 })).toEqual([])
  expect(faultsOf({ kind: 'dot', radius: 3 })).toEqual(['radius is not a setting; there is kind'])
  expect(faultsOf({ kind: 'line' })).toEqual(['kind must be circle or dot'])
})
