import { describe, expect, test } from 'vitest'
import { schemaRuleErrors } from './schema-rules.ts'

const faults = (schema: unknown) => schemaRuleErrors(schema).map(({ pointer, code }) => `${pointer} ${code}`)

function nested(depth: number, keyword = 'not'): object {
  return depth === 0 ? {} : { [keyword]: nested(depth - 1, keyword) }
}
/** Each definition asks the next one twice: `levels` of them judge 2^levels schemas. */
function fanning(levels: number): object {
  const $defs: Record<string, object> = { [`l${levels}`]: {} }
  for (let level = 0; level < levels; level++) {
    const next = { $ref: `#/$defs/l${level + 1}` }
    $defs[`l${level}`] = { anyOf: [next, next] }
  }
  return { $ref: '#/$defs/l0', $defs }
}

describe('a schema is taken', () => {
  test.each<[string, unknown]>([
    ['that says nothing', {}],
    ['of the draft, with or without an empty fragment', { $schema: 'https://json-schema.org/draft/2020-12/schema#' }],
    ['with an id, outermost', { $id: 'https://example.com/invoice.json' }],
    ['with booleans for parts', { properties: { a: true, b: false }, not: false }],
    ['that refers to itself for a part of the value', { properties: { child: { $ref: '#' } } }],
    ['whose reference is encoded', { $ref: '#/$defs/a~1b%25', $defs: { 'a/b%': {} } }],
    ['with parts 32 deep', nested(32)],
    ['that has a property called as a keyword', { properties: { $ref: { type: 'string' }, $id: {} } }],
    ['that judges by nearly a thousand schemas', fanning(7)],
  ])('%s', (_, schema) => {
    expect(faults(schema)).toEqual([])
  })
})

describe('a schema is refused', () => {
  test.each<[string, unknown, string[]]>([
    ['that is none', true, [' invalid_schema']],
    ['that is a list', [], [' invalid_schema']],
    [
      'with parts that are none',
      { properties: { a: 1 }, allOf: [null] },
      ['/allOf/0 invalid_schema', '/properties/a invalid_schema'],
    ],
    ['33 deep', nested(33), [`${'/not'.repeat(33)} too_deep`]],
    ['of another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, ['/$schema unsupported_draft']],
    ['with an id inside', { items: { $id: 'x' } }, ['/items/$id refused_keyword']],
    ['with an anchor', { $defs: { a: { $anchor: 'x' } } }, ['/$defs/a/$anchor refused_keyword']],
    ['that fetches', { $ref: 'https://example.com/x.json' }, ['/$ref remote_reference']],
    ['whose reference cannot be decoded', { $ref: '#/%zz' }, ['/$ref remote_reference']],
    ['that refers to nothing', { $ref: '#/$defs/gone' }, ['/$ref unknown_reference']],
    ['that never ends', { $ref: '#' }, [' endless_reference']],
    [
      'that never ends by a detour',
      { allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { not: { $ref: '#' } } } },
      [' endless_reference'],
    ],
    ['with an object for a constant', { const: { a: 1 } }, [' unsupported_value']],
    ['with an object among values', { properties: { a: { enum: [1, {}] } } }, ['/properties/a unsupported_value']],
    ['with a pattern that looks around', { pattern: '(?=a)' }, ['/pattern unsupported_pattern']],
    [
      'with such a pattern for names',
      { patternProperties: { 'a/(?=b)': {} } },
      ['/patternProperties/a~1(?=b) unsupported_pattern'],
    ],
  ])('%s', (_, schema, expected) => {
    expect(faults(schema).sort()).toEqual(expected)
  })

  test('that fans out too far', () => {
    expect(faults(fanning(10))).toContain(' too_many_schemas')
  })
})
