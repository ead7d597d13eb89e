import { expect, test } from 'vitest'
import { builtinCatalogue } from './builtin.ts'
import { readOperatorFile } from './operator-file.ts'

const dialects = new Set(['fortnox', 'tripletex', 'moneybird', 'visma-business-nxt', 'fakturownia'])
const builtin = builtinCatalogue()

function faults(text: string) {
  const result = readOperatorFile(text, builtin, dialects)
  return result.kind === 'read'
    ? 'read'
    : result.errors.map(({ line, pointer, code }) => `${line}: ${code} at ${pointer}`)
}

test('types of a file are added, and built-in ones changed', () => {
  const result = readOperatorFile(
    `
port: 8080
eventTypes:
  - type: machine.started
    topic: machines
    description: A machine was started.
    attributes:
      - { name: speed, type: number }
    names:
      visma-business-nxt: Machine INSERT
  - type: invoice.updated
    dataSchema: &any
      type: object
      required: [id]
  - type: invoice.created
    dataSchema: *any
`,
    builtin,
    dialects,
  )
  if (result.kind !== 'read') throw new Error(JSON.stringify(result.errors))
  expect(result.definitions.map(({ type }) => type)).toEqual(['machine.started', 'invoice.updated', 'invoice.created'])
  expect(result.catalogue.byName('visma-business-nxt', 'Machine INSERT')?.type).toBe('machine.started')
  expect([...result.catalogue.find('machine.started')!.attributes]).toEqual([['speed', 'number']])
  expect(result.catalogue.find('invoice.created')?.dataSchema).toEqual({ type: 'object', required: ['id'] })
  expect(result.catalogue.nameIn('invoice.updated', 'fortnox')).toBe('invoice-updated-v1')
})

test.each([[''], ['port: 8080'], ['eventTypes:'], ['eventTypes: []'], ['# nothing'], ['- a']])(
  '%j adds nothing',
  (text) => {
    expect(readOperatorFile(text, builtin, dialects)).toEqual({ kind: 'read', catalogue: builtin, definitions: [] })
  },
)

test('every fault is told at once, with its line', () => {
  expect(
    faults(`eventTypes:
  - type: machine
    topic: machines
    names:
      fortnox: machine-started-v1
      nosuch: x
  - topic: tools
    owner: me
    attributes:
      - name: speed
        type: velocity
    dataSchema:
      properties:
        a:
          $ref: http://169.254.169.254/
`),
  ).toEqual([
    '2: invalid_value at /eventTypes/0/type',
    '6: unknown_dialect at /eventTypes/0/names/nosuch',
    '8: unknown_field at /eventTypes/1/owner',
    '7: required at /eventTypes/1/type',
    '11: invalid_value at /eventTypes/1/attributes/0/type',
    '15: remote_reference at /eventTypes/1/dataSchema/properties/a/$ref',
  ])
})

test('clashes with the catalogue and within the file have their lines too', () => {
  expect(
    faults(`eventTypes:
  - type: machine.started
    topic: machines
    names: { fortnox: invoice-updated-v1 }
  - type: machine.stopped
  - type: machine.started
    topic: machines
`),
  ).toEqual(['5: required at /eventTypes/1/topic', '6: duplicate_type at /eventTypes/2/type'])
  expect(
    faults(`eventTypes:
  - type: machine.started
    topic: machines
    names:
      fortnox: invoice-updated-v1
`),
  ).toEqual(['5: name_taken at /eventTypes/0/names/fortnox'])
})

test.each([
  ['eventTypes:\n  - type: a.b\n    type: c.d\n', ['3: duplicate_key at ']],
  ['eventTypes: 1', ['1: invalid_type at /eventTypes']],
  ['eventTypes:\n  - {a: [\n', ['3: invalid_yaml at ', '3: invalid_yaml at ']],
  ['a: *none', ['1: invalid_yaml at ']],
  ['a: !!js/function "1"\neventTypes: 5', ['2: invalid_type at /eventTypes']],
])('%j', (text, expected) => {
  expect(faults(text)).toEqual(expected)
})

test('aliases of aliases do not unfold', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 12; level++)
    lines.push(
      `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    )
  expect(faults(lines.join('\n'))).toEqual(['1: invalid_yaml at '])
})
