import { describe, expect, test } from 'vitest'
import { type JsonNode, parseJson } from '../core/json/json.ts'
import { checkDataSchema, compileDataSchema } from './data-schema.ts'
import type { DataSchema } from './event-type.ts'

function node(text: string, options = {}): JsonNode {
  const result = parseJson(text, options)
  if (!result.ok) throw new Error(result.error.message)
  return result.node
}

function faults(schema: DataSchema, text: string): string[] {
  expect(checkDataSchema(schema)).toEqual([])
  return compileDataSchema(schema)(node(text)).map(({ pointer, code }) => `${pointer} ${code}`)
}

function refusals(schema: unknown): string[] {
  return checkDataSchema(schema).map(({ pointer, code }) => `${pointer} ${code}`)
}

describe('judging data', () => {
  const invoice: DataSchema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://example.com/invoice.json',
    type: 'object',
    required: ['id', 'total'],
    additionalProperties: false,
    properties: {
      id: { type: 'integer' },
      total: { type: 'number', minimum: 0 },
      date: { type: 'string', format: 'date' },
      status: { enum: ['draft', 'sent'] },
      rows: { type: 'array', items: { $ref: '#/$defs/row' } },
    },
    $defs: { row: { type: 'object', properties: { sku: { type: 'string', pattern: '^[A-Z]{2}\\d+$' } } } },
  }

  test('all faults at once, each with its place', () => {
    const text = '{"id":1.5,"date":"2026-13-01","status":"paid","rows":[{"sku":"AB1"},{"sku":"ab1"}],"x/y":1}'
    expect(faults(invoice, text).sort()).toEqual([
      '/date schema_format',
      '/id schema_type',
      '/rows/1/sku schema_pattern',
      '/status schema_enum',
      '/total schema_required',
      '/x~1y schema_additionalProperties',
    ])
  })

  test('a fault says the rule and never the value', () => {
    const [fault] = compileDataSchema(invoice)(node('{"id":1,"total":1,"status":"secret"}'))
    expect(fault?.detail).toContain('"draft", "sent"')
    expect(fault?.detail).not.toContain('secret')
  })

  test('data that was left opaque is judged all the same', () => {
    const check = compileDataSchema(invoice)
    expect(check(node('{"id":1,"total":"x"}', { materializeDepth: 0 }))).toMatchObject([{ pointer: '/total' }])
  })

  test('numbers that no double holds are numbers, and the text stays', () => {
    const data = node('{"id":20250206211528366,"total":12345678901234567.89}')
    expect(compileDataSchema(invoice)(data)).toEqual([])
    expect(data.text).toBe('{"id":20250206211528366,"total":12345678901234567.89}')
    expect(faults(invoice, '{"id":1e999,"total":1e999}')).toEqual([])
    expect(faults(invoice, '{"id":1,"total":-1e999}')).toEqual(['/total schema_minimum'])
  })

  test.each(['toString', 'valueOf', 'constructor', '__proto__', 'hasOwnProperty'])(
    '%s is a member like any',
    (name) => {
      expect(faults({ type: 'object', required: [name] }, '{}')).toEqual([`/${name} schema_required`])
      expect(faults({ type: 'object', additionalProperties: false }, `{"${name}":1}`)).toEqual([
        `/${name} schema_additionalProperties`,
      ])
      expect(
        faults(
          { type: 'object', properties: { list: { type: 'array', uniqueItems: true } } },
          `{"list":[{"${name}":1},{"${name}":2}]}`,
        ),
      ).toEqual([])
    },
  )

  test.each([
    ['[1,2,1.0]', false],
    ['[1,"1",true,null,[1],{"a":1}]', true],
    ['[{"a":1,"b":[2]},{"b":[2],"a":1}]', false],
    ['[[1,2],[2,1]]', true],
    ['["a,b"],["a","b"]'.replace(/^/, '[').concat(']'), true],
  ])('items of %s are unique: %s', (text, isUnique) => {
    const schema = { properties: { list: { uniqueItems: true } } }
    expect(faults(schema, `{"list":${text}}`)).toEqual(isUnique ? [] : ['/list schema_uniqueItems'])
  })

  test('no more than 50 faults are told', () => {
    const schema = { properties: { list: { items: { type: 'string' } } } }
    expect(faults(schema, `{"list":[${Array(40_000).fill('1').join()}]}`)).toHaveLength(50)
  })

  test('a recursive schema follows the data', () => {
    const schema = { properties: { part: { $ref: '#' }, name: { type: 'string' } } }
    expect(faults(schema, '{"part":{"part":{"name":1}}}')).toEqual(['/part/part/name schema_type'])
  })
})

describe('hostile patterns and data end', () => {
  // A backtracking engine needs longer than the universe for the first, hours for the others.
  test.each([
    ['^(a+)+$', `${'a'.repeat(100_000)}!`],
    ['^(a|aa)+$', `${'a'.repeat(100_000)}!`],
    ['(.*a){20}', 'a'.repeat(19)],
    ['(x+x+)+y', 'x'.repeat(100_000)],
  ])('%s', (pattern, text) => {
    expect(faults({ properties: { a: { pattern } } }, JSON.stringify({ a: text }))).toEqual(['/a schema_pattern'])
  })

  test('two patterns of one schema are two', () => {
    const schema = { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } }
    expect(faults(schema, '{"a":"a","b":"b"}')).toEqual([])
    expect(faults(schema, '{"a":"b","b":"a"}')).toEqual(['/a schema_pattern', '/b schema_pattern'])
  })

  test('many objects compared for uniqueness', () => {
    const list = Array.from({ length: 50_000 }, (_, index) => `{"a":${index % 49_999}}`)
    const schema = { properties: { list: { uniqueItems: true } } }
    const check = compileDataSchema(schema)
    expect(check(node(`{"list":[${list.join()}]}`, { maxMembers: 200_000 }))).toHaveLength(1)
  })
})

describe('schemas that are refused', () => {
  test.each([
    ['http://169.254.169.254/schema.json'],
    ['https://example.com/schema.json#/$defs/a'],
    ['//example.com/x'],
    ['schema.json'],
    ['file:///etc/passwd'],
    ['https://json-schema.org/draft/2020-12/schema'],
    ['#anchor'],
    ['#/%zz'],
    [7],
  ])('$ref %j is not local', (reference) => {
    expect(refusals({ properties: { a: { $ref: reference } } })).toEqual(['/properties/a/$ref remote_reference'])
  })

  test.each([
    [{ $ref: '#/$defs/none' }, '/$ref unknown_reference'],
    [
      { properties: { a: { const: 'x' }, b: { $ref: '#/properties/a/const' } } },
      '/properties/b/$ref unknown_reference',
    ],
    [{ $ref: '#' }, ' endless_reference'],
    [{ $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { $ref: '#/$defs/a' } } }, '/$defs/a endless_reference'],
    [{ properties: { a: { not: { $ref: '#/properties/a' } } } }, '/properties/a endless_reference'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, '/$schema unsupported_draft'],
    [{ $dynamicRef: '#x' }, '/$dynamicRef refused_keyword'],
    [{ $anchor: 'x' }, '/$anchor refused_keyword'],
    [{ items: { $id: 'https://example.com/' } }, '/items/$id refused_keyword'],
    [{ properties: { a: { pattern: '(?=a)b' } } }, '/properties/a/pattern unsupported_pattern'],
    [{ properties: { a: { pattern: '(a)\\1' } } }, '/properties/a/pattern unsupported_pattern'],
    [{ patternProperties: { '(': true } }, '/patternProperties/( unsupported_pattern'],
    [{ properties: { a: { const: {} } } }, '/properties/a unsupported_value'],
    [{ enum: [[1]] }, ' unsupported_value'],
    [{ properties: { a: 1 } }, '/properties/a invalid_schema'],
    [{ nonsense: 1 }, ' invalid_schema'],
    [{ type: 'objekt' }, ' invalid_schema'],
    [{ format: 'regex' }, ' invalid_schema'],
    [{ description: 'x'.repeat(70_000) }, ' too_long'],
    [true, ' invalid_schema'],
    ['{}', ' invalid_schema'],
    [[], ' invalid_schema'],
    [null, ' invalid_schema'],
  ])('%j: %s', (schema, expected) => {
    expect(refusals(schema)).toEqual([expected])
  })

  test('all faults at once', () => {
    expect(refusals({ $ref: 'http://x/', properties: { a: { pattern: '(?=a)' }, b: { enum: [{}] } } })).toEqual([
      '/$ref remote_reference',
      '/properties/a/pattern unsupported_pattern',
      '/properties/b unsupported_value',
    ])
  })

  test('nested deeper than 32', () => {
    let schema: DataSchema = {}
    for (let depth = 0; depth < 40; depth++) schema = { items: schema }
    expect(refusals(schema)).toEqual([`${'/items'.repeat(33)} too_deep`])
  })

  test('references that double at each step', () => {
    const $defs: Record<string, unknown> = { d0: { type: 'string' } }
    for (let step = 1; step <= 30; step++) {
      const $ref = `#/$defs/d${step - 1}`
      $defs[`d${step}`] = { anyOf: [{ $ref }, { $ref }] }
    }
    expect(refusals({ $defs })).toEqual(['/$defs/d8 too_many_schemas'])
  })
})

test('members called like keywords are members', () => {
  const schema = { properties: { $ref: { type: 'string' }, pattern: { type: 'number' }, $id: true, const: {} } }
  expect(faults(schema, '{"$ref":"http://x/","pattern":1,"$id":{},"const":{}}')).toEqual([])
})
