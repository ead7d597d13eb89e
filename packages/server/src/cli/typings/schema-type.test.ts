import { expect, test } from 'vitest'
import { SchemaTypes } from './schema-type.ts'
import { TakenNames } from './type-names.ts'

const declarationsOf = (schema: object) => {
  const names = new TakenNames()
  const name = names.take('Data')
  return new SchemaTypes(schema as Record<string, unknown>, name, names).declarations()
}

/** The type of one member, on one line. */
const typeOf = (schema: unknown) => {
  const all = declarationsOf({ properties: { it: schema } }).at(-1)!
  return /readonly "it"\?: ([\s\S]*)\n\}$/.exec(all)![1]!.replace(/\s+/g, ' ')
}

test.each([
  [{ type: 'string', pattern: '^a' }, 'string'],
  [{ type: 'integer', minimum: 1 }, 'number'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ const: 'a' }, '"a"'],
  [{ enum: ['a', 1, true, null] }, '"a" | 1 | true | null'],
  [{ type: 'string', enum: ['a'] }, '"a"'],
  [true, 'unknown'],
  [{}, 'unknown'],
  [false, 'never'],
  [{ type: 'object' }, 'JsonObject'],
  [{ type: 'object', additionalProperties: false }, '{ readonly [key: string]: never }'],
  [{ additionalProperties: { type: 'number' } }, '{ readonly [key: string]: number }'],
  [{ patternProperties: { '^x': { type: 'number' } } }, 'unknown'],
  [{ type: 'object', patternProperties: { '^x': { type: 'number' } } }, 'JsonObject'],
  [{ required: ['a'] }, '{ readonly "a": unknown }'],
  [
    { properties: { a: { type: 'string' }, b: {} }, required: ['a'], additionalProperties: { type: 'string' } },
    '{ readonly "a": string readonly "b"?: unknown readonly [key: string]: unknown }',
  ],
  [{ type: 'array' }, 'readonly unknown[]'],
  [{ items: { type: ['string', 'null'] } }, 'readonly (string | null)[]'],
  [
    { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1 },
    'readonly [string, number?, ...unknown[]]',
  ],
  [{ type: 'array', prefixItems: [{ type: 'string' }], items: false }, 'readonly [string?]'],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'string | number'],
  [{ oneOf: [{ const: 1 }, { const: 1 }] }, '1'],
  [
    { allOf: [{ required: ['a'] }, { anyOf: [{ type: 'null' }, {}] }] },
    '({ readonly "a": unknown }) & (null | unknown)',
  ],
])('%j is %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type)
})

test('what is referred to has a name, and may refer to itself and to the whole', () => {
  const declarations = declarationsOf({
    description: 'An order.',
    properties: { lines: { type: 'array', items: { $ref: '#/$defs/order~1line' } }, parent: { $ref: '#' } },
    $defs: {
      'order/line': {
        description: 'One line.',
        properties: { parts: { type: 'array', items: { $ref: '#/$defs/order~1line' } } },
        required: ['parts'],
      },
    },
  })
  expect(declarations).toEqual([
    '/** One line. */\nexport type DataOrderLine = {\n  readonly "parts": readonly DataOrderLine[]\n}',
    '/** An order. */\nexport type Data = {\n  readonly "lines"?: readonly DataOrderLine[]\n  readonly "parent"?: Data\n}',
  ])
})
