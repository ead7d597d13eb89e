import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type JsonNode, parseJson } from '../json/json.ts'
import { eventFields, eventNode, nativeEventText } from './event-fields.ts'
import { type EventTypeRules, maxEventBytes, type ReadEventContext, readEvent } from './event-input.ts'

const rules: EventTypeRules = {
  topic: 'invoices',
  attributes: new Map([
    ['year', 'number'],
    ['series', 'string'],
    ['fullyPaid', 'boolean'],
  ]),
  validateData: (data) =>
    data.text.includes('"bad"') ? [{ pointer: '/bad', code: 'schema', detail: 'must not be there' }] : [],
}
const context: ReadEventContext = {
  pointer: '/7',
  typeOf: (type) => (type === 'invoice.updated' ? rules : undefined),
  nowText: '2026-01-01T00:00:00.000Z',
  newId: () => 'evt_made',
}

function node(text: string, materializeDepth = 1): JsonNode {
  const result = parseJson(text, { materializeDepth })
  if (!result.ok) throw new Error(result.error.message)
  return result.node
}
const read = (text: string, materializeDepth?: number) => readEvent(node(text, materializeDepth), context)

function accepted(text: string, materializeDepth?: number) {
  const result = read(text, materializeDepth)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.event
}
function faults(text: string): string[] {
  const result = read(text)
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`)
}
/** A good event with some members more, as JSON text. */
const withMembers = (members: string) =>
  `{"tenantId":1,"type":"invoice.updated","entityId":"1"${members && `,${members}`}}`

const contractExample =
  '{"tenantId": 29302, "type": "invoice.updated", "entityId": "3817", "time": "2017-12-28T14:59:16.500+01:00",\n' +
  ' "id": "inv-3817-v12", "version": 12, "data": {"id": 3817, "total": 12345678901234567.89}}'

describe('an event that keeps the rules', () => {
  test.each([0, 1, 2, 9])('becomes the text of the native wire (opaque from depth %i)', (depth) => {
    const event = accepted(contractExample, depth)
    expect(event).toMatchObject({
      topic: 'invoices',
      tenantId: 29302,
      type: 'invoice.updated',
      entityKey: '3817',
      isQuiet: false,
      id: 'inv-3817-v12',
    })
    expect(nativeEventText(event, { offset: 'xDy7J', sequence: 41 })).toBe(
      '{"type":"invoice.updated","timestamp":"2017-12-28T14:59:16.500+01:00","tenantId":29302,"entityId":"3817",' +
        '"topic":"invoices","offset":"xDy7J","sequence":41,"id":"inv-3817-v12","version":12,' +
        '"data":{"id":3817,"total":12345678901234567.89}}',
    )
  })

  test('has all its fields in their places', () => {
    const event = accepted(
      '{"quiet":true,"changed":[{"Status":{"a":[1]}},{"Status2":null}],"data":{"b":1,"a":2},' +
        '"attributes":{"year":2017.0,"series":"R","fullyPaid":false},"state":"paid\\u0021","actor":"\\u00e5sa",' +
        '"version":20250206211528366,"keys":[{"OrderNo":3},{"LineNo":"1"},{"Open":true},{"Sub":null}],' +
        '"type":"invoice.updated","tenantId":9223372036854775807}',
    )
    expect(event.isQuiet).toBe(true)
    expect(event.entityKey).toBe('[{"OrderNo":3},{"LineNo":"1"},{"Open":true},{"Sub":null}]')
    expect(event.fingerprint).toBeUndefined()
    expect(event.head).toBe(
      '"type":"invoice.updated","timestamp":"2026-01-01T00:00:00.000Z","tenantId":9223372036854775807,' +
        '"keys":[{"OrderNo":3},{"LineNo":"1"},{"Open":true},{"Sub":null}]',
    )
    expect(event.tail).toBe(
      '"id":"evt_made","version":20250206211528366,"state":"paid\\u0021","actor":"\\u00e5sa",' +
        '"attributes":{"year":2017.0,"series":"R","fullyPaid":false},"data":{"b":1,"a":2},' +
        '"changed":[{"Status":{"a":[1]}},{"Status2":null}]',
    )
    expect(eventFields(event)).toMatchObject({
      time: '2026-01-01T00:00:00.000Z',
      entityId: null,
      keys: event.entityKey,
      id: 'evt_made',
      version: '20250206211528366',
      state: 'paid!',
      actor: 'åsa',
      attributes: '{"year":2017.0,"series":"R","fullyPaid":false}',
      data: '{"b":1,"a":2}',
      changed: '[{"Status":{"a":[1]}},{"Status2":null}]',
    })
    expect(eventFields(event)).toBe(eventFields(event))
    expect(eventNode(event, 'data')).toMatchObject({ kind: 'object', isOpaque: false })
    expect(eventNode(accepted(withMembers('')), 'data')).toBeUndefined()
  })

  test('its data can be replaced or left out, everything else as written', () => {
    const event = accepted(withMembers('"actor":"\\u00e5","data":{"a":1},"changed":[]'))
    const text = (data: string | null) => nativeEventText(event, { offset: 'o', data })
    const head = '{"type":"invoice.updated","timestamp":"2026-01-01T00:00:00.000Z","tenantId":1,"entityId":"1"'
    expect(text('{"b":2}')).toBe(
      `${head},"topic":"invoices","offset":"o","id":"evt_made","actor":"\\u00e5","data":{"b":2},"changed":[]}`,
    )
    expect(text(null)).toBe(`${head},"topic":"invoices","offset":"o","id":"evt_made","actor":"\\u00e5","changed":[]}`)
    expect(nativeEventText(accepted(withMembers('')), { offset: 'o', data: '{}' })).toBe(
      `${head},"topic":"invoices","offset":"o","id":"evt_made","data":{}}`,
    )
  })

  test.each([
    '"version":0',
    '"version":"AAAAAAAAB9E="',
    `"version":${'9'.repeat(64)}`,
    `"id":"${'i'.repeat(128)}"`,
    `"id":"${'😀'.repeat(128)}"`,
    `"actor":"${'å'.repeat(255)}"`,
    '"time":"2026-01-01T00:00:00.1234567890123Z"',
    '"attributes":{}',
    '"changed":[]',
    '"data":{}',
    '"quiet":false',
  ])('may have %s', (members) => {
    expect(faults(withMembers(members))).toEqual([])
  })
})

describe('faults', () => {
  test('are told all at once', () => {
    expect(
      faults(
        '{"tenantId":"1","type":"invoice","entityId":"","keys":[],"time":"now","id":"a\\nb","version":-1,"state":1,' +
          '"attributes":[],"data":[],"changed":{},"quiet":null,"__proto__":{"admin":true},"a/b":0}',
      ),
    ).toEqual([
      '/7/__proto__ unknown_field',
      '/7/a~1b unknown_field',
      '/7/tenantId invalid_type',
      '/7/type invalid_format',
      '/7/keys conflict',
      '/7/time invalid_format',
      '/7/id invalid_format',
      '/7/state invalid_type',
      '/7/version out_of_range',
      '/7/attributes invalid_type',
      '/7/data invalid_type',
      '/7/changed invalid_type',
      '/7/quiet invalid_type',
    ])
    expect(faults('{}')).toEqual(['/7/tenantId required', '/7/type required', '/7/entityId required'])
    expect(faults('[]')).toEqual(['/7 invalid_type'])
  })

  test.each([
    ['0', 'out_of_range'],
    ['-1', 'out_of_range'],
    ['1.0', 'out_of_range'],
    ['1e3', 'out_of_range'],
    ['9223372036854775808', 'out_of_range'],
    ['99999999999999999999', 'out_of_range'],
    ['true', 'invalid_type'],
    ['null', 'invalid_type'],
  ])('tenantId %s', (value, code) => {
    expect(faults(`{"tenantId":${value},"type":"invoice.updated","entityId":"1"}`)).toEqual([`/7/tenantId ${code}`])
  })

  test.each([
    ['3817', 'invalid_type'],
    ['""', 'invalid_length'],
    [`"${'e'.repeat(256)}"`, 'invalid_length'],
    [`"${'😀'.repeat(256)}"`, 'invalid_length'],
    ['"a\\u0000b"', 'invalid_format'],
    ['"\\ud800"', 'invalid_format'],
  ])('entityId %s', (value, code) => {
    expect(faults(`{"tenantId":1,"type":"invoice.updated","entityId":${value}}`)).toEqual([`/7/entityId ${code}`])
  })

  test.each([
    ['{}', ['/7/keys invalid_type']],
    ['[]', ['/7/keys invalid_length']],
    ['[1,{},{"a":1,"b":2},{"ok":1}]', ['/7/keys/0 invalid_type', '/7/keys/1 invalid_type', '/7/keys/2 invalid_type']],
    ['[{"a":1},{"a":2}]', ['/7/keys/1/a duplicate_key']],
    ['[{"a":[]},{"b":{}}]', ['/7/keys/0/a invalid_type', '/7/keys/1/b invalid_type']],
    [`[{"a":"${'x'.repeat(1000)}"}]`, ['/7/keys invalid_length']],
  ])('keys %s', (value, expected) => {
    expect(faults(`{"tenantId":1,"type":"invoice.updated","keys":${value}}`)).toEqual(expected)
  })

  test.each([
    ['"type2":1', ['/7/type2 unknown_field']],
    ['"id":""', ['/7/id invalid_length']],
    [`"id":"${'i'.repeat(129)}"`, ['/7/id invalid_length']],
    ['"id":"a\\u0085"', ['/7/id invalid_format']],
    ['"time":"2017-02-29T00:00:00Z"', ['/7/time invalid_format']],
    ['"time":1', ['/7/time invalid_type']],
    ['"version":1.5', ['/7/version out_of_range']],
    ['"version":-0', ['/7/version out_of_range']],
    ['"version":1e2', ['/7/version out_of_range']],
    [`"version":${'9'.repeat(65)}`, ['/7/version out_of_range']],
    ['"version":true', ['/7/version invalid_type']],
    ['"data":null', ['/7/data invalid_type']],
    ['"data":{"bad":1}', ['/7/data/bad schema']],
    ['"attributes":{"month":1}', ['/7/attributes/month unknown_field']],
    [
      '"attributes":{"year":"2017","series":1,"fullyPaid":null}',
      ['year', 'series', 'fullyPaid'].map((name) => `/7/attributes/${name} invalid_type`),
    ],
    ['"changed":[{"a":1,"b":2}]', ['/7/changed/0 invalid_type']],
  ])('%s', (members, expected) => {
    expect(faults(withMembers(members))).toEqual(expected)
  })

  test('a type outside the catalogue', () => {
    expect(faults('{"tenantId":1,"type":"invoice.paid","entityId":"1","attributes":{"a":{}}}')).toEqual([
      '/7/type unknown_type',
      '/7/attributes/a invalid_type',
    ])
  })

  test('are at most a hundred', () => {
    const members = Array.from({ length: 500 }, (_, index) => `"x${index}":0`).join()
    expect(faults(withMembers(members))).toHaveLength(100)
  })
})

test('an event has at most 256 KiB, as canonical UTF-8', () => {
  const frame = Buffer.byteLength(withMembers('"data":{"a":""}'))
  const room = maxEventBytes - frame
  const filled = (text: string) => withMembers(`"data":{"a":"${text}"}`)
  expect(faults(filled('x'.repeat(room)))).toEqual([])
  expect(faults(filled('x'.repeat(room + 1)))).toEqual(['/7 too_large'])
  expect(faults(filled('å'.repeat(room >> 1)))).toEqual([])
  expect(faults(filled('å'.repeat((room >> 1) + 1)))).toEqual(['/7 too_large'])
  expect(faults(` ${filled('x'.repeat(room))} `)).toEqual([])
})

describe('the fingerprint', () => {
  const fingerprint = (text: string) => accepted(text).fingerprint
  const base = fingerprint(withMembers('"id":"1","data":{"a":1,"b":2}'))

  test('is 16 hex digits, and the same for another order of fields or other spaces', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/)
    expect(fingerprint('{"data":{"a":1, "b":2},"id":"1","entityId":"1","type":"invoice.updated","tenantId":1}')).toBe(
      base,
    )
  })
  test.each([
    '"id":"1","data":{"b":2,"a":1}',
    '"id":"1","data":{"a":1.0,"b":2}',
    '"id":"1","data":{"a":1,"b":2},"quiet":false',
    '"id":"1","data":{"a":1,"b":2},"time":"2026-01-01T00:00:00.000Z"',
    '"id":"2","data":{"a":1,"b":2}',
    '"id":"1"',
  ])('differs for %s', (members) => {
    expect(fingerprint(withMembers(members))).not.toBe(base)
  })
})

test('any JSON is read without throwing, and what is accepted reads back', () => {
  const value = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom('1', '"1"', '"invoice.updated"', '[{"a":1}]', '{}', 'true', 'null', '"2026-01-01T00:00:00Z"'),
    fc.json({ maxDepth: 2 }),
  )
  const names = fc.constantFrom(
    'id',
    'time',
    'version',
    'state',
    'actor',
    'attributes',
    'data',
    'changed',
    'quiet',
    'x',
  )
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(names, value), { selector: ([name]) => name }), (members) => {
      const result = read(withMembers(members.map(([name, text]) => `"${name}":${text}`).join()))
      if (!result.ok) {
        expect(result.errors.length).toBeGreaterThan(0)
        return
      }
      const given = Object.fromEntries(members.map(([name, text]) => [name, JSON.stringify(JSON.parse(text))]))
      const body = JSON.parse(nativeEventText(result.event, { offset: 'o' }))
      for (const name of ['version', 'state', 'actor', 'attributes', 'data', 'changed']) {
        expect(JSON.stringify(body[name])).toBe(given[name])
      }
      expect(eventFields(result.event).data).toBe(given.data ?? null)
    }),
    { seed: 11, numRuns: 500 },
  )
})
