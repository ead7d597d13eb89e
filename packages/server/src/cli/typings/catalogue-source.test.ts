import { expect, test } from 'vitest'
import { catalogueSource } from './catalogue-source.ts'

test('every event type has its topic, attributes, entity and names', () => {
  const source = catalogueSource([
    {
      type: 'boat.sold',
      topic: 'boats',
      description: 'A boat was sold */',
      attributes: [{ name: 'length', type: 'number' }],
      names: { tripletex: 'boat.sold' },
      dataSchema: { properties: { name: { type: 'string' } } },
    },
    { type: 'boat.sunk', topic: 'boats', description: '', attributes: [], names: {} },
  ])
  expect(source.slice(source.indexOf('/** What'))).toBe(`/** What no schema describes. */
export type JsonObject = { readonly [key: string]: unknown }

export type BoatSoldData = {
  readonly "name"?: string
}

/** For \`new Tidings<Catalogue>({ … })\` and \`receive<Catalogue>({ … })\`. */
export type Catalogue = {
  /** A boat was sold *\\/ */
  readonly "boat.sold": {
    readonly "topic": "boats"
    readonly "attributes": {
      readonly "length"?: number
    }
    readonly "data": BoatSoldData
    readonly "names": {
      readonly "tripletex": "boat.sold"
    }
  }
  readonly "boat.sunk": {
    readonly "topic": "boats"
    readonly "attributes": { readonly [key: string]: never }
    readonly "data": JsonObject
    readonly "names": { readonly [key: string]: never }
  }
}
`)
})
