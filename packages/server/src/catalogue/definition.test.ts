import { describe, expect, test } from 'vitest'
import { readDefinition } from './definition.ts'

const dialects = new Set(['fortnox', 'moneybird'])

function faults(input: unknown): string[] | 'valid' {
  const result = readDefinition(input, dialects)
  return result.kind === 'valid' ? 'valid' : result.errors.map(({ pointer, code }) => `${pointer} ${code}`)
}

test.each([
  [{ type: 'machine.started' }],
  [{ type: 'machine.started', topic: 'machines' }],
  [
    {
      type: 'machine.started',
      topic: 'big-machines-2',
      description: 'A machine was started.',
      attributes: [
        { name: 'id', type: 'number' },
        { name: 'hall_1', type: 'string' },
      ],
      names: { fortnox: 'machine-started-v1', moneybird: null },
      details: { moneybird: { entityType: 'Machine' }, fortnox: null },
      dataSchema: { type: 'object' },
    },
  ],
  [{ type: 'machine.started', dataSchema: null, names: {}, details: {}, attributes: [] }],
])('valid: %j', (input) => {
  expect(faults(input)).toBe('valid')
})

test('every fault at once', () => {
  expect(
    faults({
      type: 'machine',
      topic: 'Machines',
      description: 7,
      attributes: [{ name: 'tenantId', type: 'string' }, { name: 'a', type: 'date', note: '' }, 1],
      names: { fortnox: '', nosuch: 'x', moneybird: 'x\ny' },
      details: { moneybird: [] },
      dataSchema: { $ref: 'http://127.0.0.1/' },
      owner: 'me',
      __proto: 1,
    }),
  ).toEqual([
    '/owner unknown_field',
    '/__proto unknown_field',
    '/type invalid_value',
    '/topic invalid_value',
    '/description invalid_value',
    '/attributes/0/name invalid_value',
    '/attributes/1/note unknown_field',
    '/attributes/1/type invalid_value',
    '/attributes/2 invalid_type',
    '/names/fortnox invalid_value',
    '/names/nosuch unknown_dialect',
    '/names/moneybird invalid_value',
    '/details/moneybird invalid_type',
    '/dataSchema/$ref remote_reference',
  ])
})

describe('fields one by one', () => {
  const base = { type: 'machine.started', topic: 'machines' }
  test.each([
    [null, [' invalid_type']],
    [[base], [' invalid_type']],
    ['machine.started', [' invalid_type']],
    [{}, ['/type required']],
    [{ ...base, type: '*' }, ['/type invalid_value']],
    [{ ...base, topic: '-a' }, ['/topic invalid_value']],
    [{ ...base, topic: 'a--b' }, ['/topic invalid_value']],
    [{ ...base, topic: 'a/b' }, ['/topic invalid_value']],
    [{ ...base, topic: 'a'.repeat(101) }, ['/topic invalid_value']],
    [{ ...base, attributes: { a: 'string' } }, ['/attributes invalid_type']],
    [{ ...base, attributes: Array(33).fill({ name: 'a', type: 'string' }) }, ['/attributes invalid_type']],
    [{ ...base, attributes: [{ name: '__proto__', type: 'string' }] }, ['/attributes/0/name invalid_value']],
    [
      {
        ...base,
        attributes: [
          { name: 'a', type: 'string' },
          { name: 'a', type: 'number' },
        ],
      },
      ['/attributes/1/name invalid_value'],
    ],
    [{ ...base, names: [] }, ['/names invalid_type']],
    [{ ...base, names: { fortnox: ' a' } }, ['/names/fortnox invalid_value']],
    [{ ...base, names: { fortnox: 'a'.repeat(256) } }, ['/names/fortnox invalid_value']],
    [{ ...base, names: { 'a/b': 'x' } }, ['/names/a~1b unknown_dialect']],
    [{ ...base, details: { fortnox: { text: 'x'.repeat(20_000) } } }, ['/details/fortnox invalid_value']],
    [{ ...base, dataSchema: [] }, ['/dataSchema invalid_schema']],
  ])('%j', (input, expected) => {
    expect(faults(input)).toEqual(expected)
  })
})

test('any dialect is let through when none are given', () => {
  expect(readDefinition({ type: 'a.b', topic: 't', names: { nosuch: 'x' } }).kind).toBe('valid')
})
