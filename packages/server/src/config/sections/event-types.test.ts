import { expect, test } from 'vitest'
import { AppError } from '../../core/errors.ts'
import { sectionsOfText } from '../fixtures/file-text.ts'

const read = (text: string) => sectionsOfText(text).eventTypes

/** The places of the faults, as `2: eventTypes.0.type`. */
function faults(text: string) {
  try {
    read(text)
    return 'read'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.errors.map(({ pointer }) => pointer.replace('tidings.yaml line ', ''))
  }
}

test('types of a file are added, and built-in ones changed', () => {
  const catalogue = read(`
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
`)
  expect(catalogue.byName('visma-business-nxt', 'Machine INSERT')?.type).toBe('machine.started')
  expect([...catalogue.find('machine.started')!.attributes]).toEqual([['speed', 'number']])
  expect(catalogue.find('invoice.created')?.dataSchema).toEqual({ type: 'object', required: ['id'] })
  expect(catalogue.nameIn('invoice.updated', 'fortnox')).toBe('invoice-updated-v1')
})

test('a null takes a name away', () => {
  const catalogue = read('eventTypes: [{type: invoice.updated, names: {fortnox: null}}]')
  expect(catalogue.nameIn('invoice.updated', 'fortnox')).toBeUndefined()
  expect(read('').nameIn('invoice.updated', 'fortnox')).toBe('invoice-updated-v1')
})

test.each([[''], ['port: 8080'], ['eventTypes:'], ['eventTypes: []'], ['# nothing']])('%j adds nothing', (text) => {
  expect(read(text).types().length).toBe(read('').types().length)
})

test('every fault is told at once, with its line', () => {
  expect(
    faults(`eventTypes:
  - type: machine
    topic: machines
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
    '2: eventTypes.0.type',
    '5: eventTypes.1.owner',
    '4: eventTypes.1.type',
    '8: eventTypes.1.attributes.0.type',
    '12: eventTypes.1.dataSchema.properties.a.$ref',
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
  ).toEqual(['5: eventTypes.1.topic', '6: eventTypes.2.type'])
  expect(
    faults(`eventTypes:
  - type: machine.started
    topic: machines
    names:
      fortnox: invoice-updated-v1
`),
  ).toEqual(['5: eventTypes.0.names.fortnox'])
})

test.each([
  ['eventTypes:\n  - type: a.b\n    type: c.d\n', ['3']],
  ['eventTypes: 1', ['1: eventTypes']],
  ['eventTypes:\n  - {a: [\n', ['3', '3']],
  ['a: !!js/function "1"\neventTypes: 5', ['2: eventTypes']],
])('%j', (text, expected) => {
  expect(faults(text)).toEqual(expected)
})
