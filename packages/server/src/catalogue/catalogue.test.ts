import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '../core/errors.ts'
import { readEvent } from '../core/event/event-input.ts'
import { parseJson } from '../core/json/json.ts'
import { builtinCatalogue } from './builtin.ts'
import { Catalogue } from './catalogue.ts'
import { type EventTypeDefinition, entityOf } from './event-type.ts'
import { eventTypeResource } from './resource.ts'

const machine: EventTypeDefinition = {
  type: 'machine.started',
  topic: 'machines',
  description: 'A machine was started.',
  attributes: [{ name: 'speed', type: 'number' }],
  names: { fortnox: 'machine-started-v1', tripletex: 'machine.start' },
  details: { tripletex: { payloadModel: 'Machine' } },
}

function refusalOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, pointers: error.errors.map(({ pointer }) => pointer) }
    throw error
  }
  return 'accepted'
}

describe('with', () => {
  const base = builtinCatalogue()

  test('adds a type to a new catalogue and leaves the old one', () => {
    const changed = base.with([machine])
    expect(changed.find('machine.started')?.topic).toBe('machines')
    expect(changed.byName('fortnox', 'machine-started-v1')?.type).toBe('machine.started')
    expect(changed.topics('fortnox')).toContain('machines')
    expect(base.find('machine.started')).toBeUndefined()
    expect(base.byName('fortnox', 'machine-started-v1')).toBeUndefined()
  })

  test('a type that is there keeps what its new definition leaves out', () => {
    const dataSchema = { type: 'object', required: ['total'] }
    const changed = base.with([{ type: 'invoice.updated', dataSchema }])
    const { validateData, dataSchema: kept, ...rest } = changed.find('invoice.updated')!
    expect(kept).toEqual(dataSchema)
    const { dataSchema: none, ...before } = base.find('invoice.updated')!
    expect(none).toBeNull()
    expect(rest).toEqual(before)
    const data = parseJson('{"id":1}')
    expect(data.ok && validateData?.(data.node)).toMatchObject([{ pointer: '/total', code: 'schema_required' }])

    const bare = changed.with([{ type: 'invoice.updated', dataSchema: null, description: 'Changed.' }])
    expect(bare.find('invoice.updated')).not.toHaveProperty('validateData')
    expect(bare.find('invoice.updated')?.description).toBe('Changed.')
  })

  test('null takes a name away, and its details with it', () => {
    const changed = base.with([
      machine,
      { type: 'invoice.updated', names: { moneybird: null, fakturownia: 'fv:update' } },
    ])
    expect(changed.byName('moneybird', 'sales_invoice_updated')).toBeUndefined()
    expect(changed.find('invoice.updated')?.details.has('moneybird')).toBe(false)
    expect(changed.byName('fakturownia', 'fv:update')?.type).toBe('invoice.updated')
    expect(changed.byName('fakturownia', 'invoice:update')).toBeUndefined()
  })

  test('two types may swap names in one change, not in two', () => {
    const swap: EventTypeDefinition[] = [
      { type: 'invoice.created', names: { fortnox: 'invoice-updated-v1' } },
      { type: 'invoice.updated', names: { fortnox: 'invoice-created-v1' } },
    ]
    expect(base.with(swap).byName('fortnox', 'invoice-created-v1')?.type).toBe('invoice.updated')
    expect(refusalOf(() => base.with(swap.slice(0, 1)))).toEqual({ code: 'conflict', pointers: ['/0/names/fortnox'] })
  })

  test('a taken name is refused, even in other letter case, and all faults are told', () => {
    expect(
      refusalOf(() =>
        base.with([
          { ...machine, names: { tripletex: 'CloseGroup.Create', fortnox: 'invoice-created-v1' } },
          { type: 'machine.stopped', names: { moneybird: 'machine_stopped' } },
        ]),
      ),
    ).toEqual({
      code: 'conflict',
      pointers: ['/1/topic', '/0/names/tripletex', '/0/names/fortnox'],
    })
  })

  test('the same type twice in one change is refused', () => {
    expect(refusalOf(() => base.with([machine, machine]))).toEqual({ code: 'invalid_request', pointers: ['/1/type'] })
  })
})

describe('canonical dialects', () => {
  const catalogue = builtinCatalogue(new Set(['standard']))

  test('call every type by itself', () => {
    expect(catalogue.nameIn('invoice.updated', 'standard')).toBe('invoice.updated')
    expect(catalogue.byName('standard', 'invoice.updated')?.type).toBe('invoice.updated')
    expect(catalogue.types('standard')).toHaveLength(catalogue.types().length)
    expect(catalogue.namesOf(catalogue.find('machine.started') ?? catalogue.find('invoice.updated')!).standard).toBe(
      'invoice.updated',
    )
    expect(catalogue.nameIn('no.such', 'standard')).toBeUndefined()
  })

  test('take no other names', () => {
    expect(refusalOf(() => catalogue.with([{ ...machine, names: { standard: 'x' } }]))).toMatchObject({
      code: 'invalid_request',
    })
  })
})

describe('reading', () => {
  const catalogue = Catalogue.empty().with([
    machine,
    { type: 'machine.stopped', topic: 'machines' },
    { type: 'alarm.raised', topic: 'alarms', names: { moneybird: 'alarm_raised' } },
  ])

  test('types, topics and names are sorted; a dialect sees only what has a name in it', () => {
    expect(catalogue.types().map(({ type }) => type)).toEqual(['alarm.raised', 'machine.started', 'machine.stopped'])
    expect(catalogue.topics()).toEqual(['alarms', 'machines'])
    expect(catalogue.names('moneybird')).toEqual(['alarm_raised'])
    expect(catalogue.topics('moneybird')).toEqual(['alarms'])
    expect(catalogue.names('visma-business-nxt')).toEqual([])
    expect(catalogue.nameIn('machine.stopped', 'fortnox')).toBeUndefined()
  })

  test('names are found by letter, or in any letter case when asked', () => {
    expect(catalogue.byName('tripletex', 'machine.start')?.type).toBe('machine.started')
    expect(catalogue.byName('tripletex', 'Machine.Start')).toBeUndefined()
    expect(catalogue.byNameIgnoringCase('tripletex', 'Machine.Start')?.type).toBe('machine.started')
    expect(catalogue.byName('moneybird', 'machine.start')).toBeUndefined()
    expect(catalogue.byName('toString', 'constructor')).toBeUndefined()
  })

  test.each([
    [['*'], 3],
    [['machine.*'], 2],
    [['machine.started', 'machine.*', 'alarm.raised'], 3],
    [['machine'], 0],
    [[], 0],
  ])('patterns %j select %i', (patterns, count) => {
    expect(catalogue.match(patterns)).toHaveLength(count)
  })

  test('the resource is what the native list shows', () => {
    expect(eventTypeResource(catalogue, catalogue.find('machine.started')!)).toEqual({
      type: 'machine.started',
      topic: 'machines',
      description: 'A machine was started.',
      attributes: [{ name: 'speed', type: 'number' }],
      names: { fortnox: 'machine-started-v1', tripletex: 'machine.start' },
    })
    expect(entityOf('machine.started')).toBe('machine')
  })
})

test('within a dialect no two types ever have one name, whatever is added', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'A')
  const definition = fc.record({
    type: fc.tuple(word, word).map((parts) => parts.join('.')),
    topic: fc.constant('t'),
    names: fc.dictionary(fc.constantFrom('x', 'y'), fc.option(word), { maxKeys: 2 }),
  })
  fc.assert(
    fc.property(fc.array(fc.array(definition, { maxLength: 4 }), { maxLength: 6 }), (changes) => {
      let catalogue = Catalogue.empty()
      for (const definitions of changes) {
        const change = catalogue.change(definitions)
        if (change.kind === 'changed') catalogue = change.catalogue
        for (const dialect of ['x', 'y']) {
          const names = catalogue.names(dialect).map((name) => name.toLowerCase())
          expect(new Set(names).size).toBe(names.length)
          for (const name of catalogue.names(dialect)) {
            const type = catalogue.byName(dialect, name)!
            expect(catalogue.find(type.type)).toBe(type)
            expect(type.names.get(dialect)).toBe(name)
          }
        }
      }
    }),
    { seed: 1 },
  )
})

test('publishing takes its rules from the catalogue as they are', () => {
  const catalogue = builtinCatalogue().with([{ type: 'account.updated', dataSchema: { required: ['name'] } }])
  const publish = (attributes: string, data: string) => {
    const event = parseJson(
      `{"tenantId":1,"type":"account.updated","entityId":"1","attributes":${attributes},"data":${data}}`,
    )
    if (!event.ok) throw new Error(event.error.message)
    const result = readEvent(event.node, {
      pointer: '',
      typeOf: (type) => catalogue.find(type),
      nowText: '2026-01-01T00:00:00.000Z',
      newId: () => 'new',
    })
    return result.ok ? result.event.topic : result.errors.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  expect(publish('{"year":2026,"id":1930}', '{"name":"Bank"}')).toBe('financial-years')
  expect(publish('{"year":"2026","series":"A"}', '{}')).toEqual([
    '/attributes/year invalid_type',
    '/attributes/series unknown_field',
    '/data/name schema_required',
  ])
})
