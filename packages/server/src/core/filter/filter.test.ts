import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEvent } from '../event/event-input.ts'
import { parseJson } from '../json/json.ts'
import { parseFilter } from './filter.ts'
import type { FilteredEvent } from './filter-fields.ts'

function eventOf(text: string): FilteredEvent {
  const parsed = parseJson(text, { materializeDepth: 1 })
  if (!parsed.ok) throw new Error(parsed.error.message)
  const attributes = new Map([['year', 'number']] as const)
  const result = readEvent(parsed.node, {
    pointer: '',
    typeOf: () => ({ topic: 'invoices', attributes }),
    nowText: '2026-01-01T00:00:00Z',
    newId: () => 'evt_1',
  })
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.event
}

const invoice = eventOf(
  `{"tenantId":29302,"type":"invoice.updated","entityId":"3817","time":"2017-12-28T14:59:16.500+01:00","version":12,
    "actor":"sync-7","attributes":{"year":2017.0},"changed":[{"Status":"paid"},{"Total":null}],
    "data":{"total":12345678901234567.89,"status":"paid","name":"\\u00e5sa","paid":true,"due":null,"tags":["vip",1,["deep"]],
      "empty":[],"customer":{"country":"NO","id":5},"lines":[{"product":"a","qty":3,"x":[{"y":1}]},{"product":"b","qty":4.50}],
      "__proto__":{"admin":true},"2026-01-01":"d"}}`,
)
const orderLine = eventOf(
  '{"tenantId":1,"type":"order-line.created","keys":[{"OrderNo":3},{"LineNo":1}],"version":"AAAB","state":"open"}',
)

function matches(filter: unknown, event = invoice): boolean {
  const result = parseFilter(typeof filter === 'string' ? filter : JSON.stringify(filter))
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  const isMatch = result.filter(event)
  // An event that does not match has something to tell, and only such a one.
  expect(result.filter.unmet(event).length > 0).toBe(!isMatch)
  return isMatch
}
function unmet(filter: unknown, event = invoice): readonly string[] {
  const result = parseFilter(JSON.stringify(filter))
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.filter.unmet(event)
}
function faults(filter: unknown): string[] {
  const result = parseFilter(typeof filter === 'string' ? filter : JSON.stringify(filter), '/filter')
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`)
}

describe('matches', () => {
  test.each([
    [{}, true],
    [{ type: 'invoice.updated' }, true],
    [{ type: ['invoice.created', 'invoice.updated'] }, true],
    [{ type: { $startsWith: 'invoice.' }, topic: 'invoices' }, true],
    [{ type: 'invoice.updated', topic: 'orders' }, false],
    [{ tenantId: 29302 }, true],
    [{ tenantId: { $gt: 29302 } }, false],
    [{ entityId: '3817', id: 'evt_1' }, true],
    [{ version: { $gte: 12, $lt: 13 } }, true],
    [{ version: '12' }, false],
    [{ actor: { $not: { $startsWith: 'sync-' } } }, false],
    [{ state: { $exists: false } }, true],
    [{ state: 'open' }, false],
    [{ 'attributes.year': 2017 }, true],
    [{ attributes: { year: { $in: [2016, 2017] } } }, true],
    [{ 'data.status': 'paid' }, true],
    [{ data: { status: 'paid' } }, true],
    [{ data: { status: 'paid', paid: false } }, false],
    [{ data: { $or: [{ status: 'sent' }, { customer: { country: 'NO' } }] } }, true],
    [{ $and: [{ 'data.paid': true }, { 'data.customer.country': { $ne: 'SE' } }] }, true],
    [{ $not: { 'data.status': 'paid' } }, false],
    [{ 'data.name': 'åsa' }, true],
    [{ 'data.name': { $endsWith: 'sa', $contains: 's' } }, true],
    [{ 'data.due': null }, true],
    [{ 'data.due': { $exists: true } }, true],
    [{ 'data.none': null }, false],
    [{ 'data.none': { $ne: null } }, true],
    [{ 'data.none': { $nin: ['a'] } }, true],
    [{ 'data.none': { $lt: 5 } }, false],
    [{ 'data.status': { $gt: 5 } }, false],
    [{ 'data.total': { $gt: 'a' } }, false],
    [{ 'data.tags': 'vip' }, true],
    [{ 'data.tags': 'deep' }, true],
    [{ 'data.tags': { $nin: ['vip'] } }, false],
    [{ 'data.empty': 'vip' }, false],
    [{ 'data.empty': { $exists: true } }, true],
    [{ 'data.lines.product': 'b' }, true],
    [{ 'data.lines': { qty: { $gt: 4 } } }, true],
    [{ 'data.lines.x.y': 1 }, true],
    [{ 'data.lines': 'a' }, false],
    [{ 'data.status.paid': true }, false],
    [{ 'data.customer.0': { $exists: true } }, false],
    [{ 'data.2026-01-01': 'd' }, true],
    ['{"data":{"__proto__":{"admin":true}}}', true],
    [{ 'data.constructor': { $exists: true } }, false],
    [{ 'changed.Status': { $exists: true } }, true],
    [{ 'changed.Status': 'paid', 'changed.Total': null }, true],
    [{ 'changed.Other': { $exists: true } }, false],
    [{ keys: { $exists: true } }, false],
    [{ timestamp: '2017-12-28T13:59:16.5Z' }, true],
    [{ time: { $gt: '2017-12-28T14:59:16.499+01:00', $lte: '2017-12-28T13:59:16.5000001Z' } }, true],
    [{ timestamp: { $lt: '2017-12-28T14:00:00Z' } }, true],
    [{ timestamp: { $startsWith: '2017-12-28T14' } }, true],
  ])('%j: %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected)
  })

  test.each([
    ['{"data.total":12345678901234567.89}', true],
    ['{"data.total":12345678901234567.890e0}', true],
    ['{"data.total":12345678901234568}', false],
    ['{"data.total":{"$gt":12345678901234567.88}}', true],
    ['{"data.total":{"$gte":12345678901234567.9}}', false],
    ['{"data.total":{"$in":[1,1234567890123456789e-2]}}', true],
    ['{"data.total":{"$ne":12345678901234567.891}}', true],
  ])('numbers to the last digit: %s', (filter, expected) => {
    expect(matches(filter)).toBe(expected)
  })

  test.each([
    [{ 'keys.OrderNo': 3, keys: { LineNo: { $lt: 2 } } }, true],
    [{ 'keys.OrderNo': 4 }, false],
    [{ version: 'AAAB', state: 'open' }, true],
    [{ version: { $gt: 1 } }, false],
    [{ entityId: { $exists: true } }, false],
    [{ data: { $exists: false } }, true],
    [{ 'data.total': { $ne: 1 } }, true],
  ])('an event with a composite key and no data: %j', (filter, expected) => {
    expect(matches(filter, orderLine)).toBe(expected)
  })
})

describe('refuses', () => {
  test.each([
    ['', ['/filter invalid_json']],
    ['{"data":{"a":1,"a":2}}', ['/filter/data/a invalid_json']],
    ['[]', ['/filter invalid_type']],
    ['"type"', ['/filter invalid_type']],
    [
      { nonsense: 1, toString: 2, data2: { a: 1 } },
      ['/filter/nonsense unknown_field', '/filter/toString unknown_field', '/filter/data2 unknown_field'],
    ],
    ['{"__proto__":1}', ['/filter/__proto__ unknown_field']],
    [
      { 'type.x': 1, 'data.': 1, '.data': 1, 'data..x': 1 },
      [
        '/filter/type.x unknown_field',
        '/filter/data. unknown_field',
        '/filter/.data unknown_field',
        '/filter/data..x unknown_field',
      ],
    ],
    [{ type: { x: 1 } }, ['/filter/type/x unknown_field']],
    [
      { $eq: 1, $nor: [], $where: 'x' },
      ['/filter/$eq unknown_operator', '/filter/$nor unknown_operator', '/filter/$where unknown_operator'],
    ],
    [{ 'data.a': { $regex: '(a+)+$' } }, ['/filter/data.a/$regex unknown_operator']],
    [{ data: {} }, ['/filter/data empty']],
    [{ $and: [], $or: {}, $not: [] }, ['/filter/$and empty', '/filter/$or invalid_type', '/filter/$not invalid_type']],
    [{ $or: [{}, 1] }, ['/filter/$or/0 empty', '/filter/$or/1 invalid_type']],
    [{ 'data.a': [] }, ['/filter/data.a empty']],
    [{ 'data.a': [[1], {}] }, ['/filter/data.a invalid_type', '/filter/data.a invalid_type']],
    [
      { 'data.a': { $in: 1, $eq: [1], $ne: {} } },
      ['/filter/data.a/$in invalid_type', '/filter/data.a/$eq invalid_type', '/filter/data.a/$ne invalid_type'],
    ],
    [
      { 'data.a': { $gt: true, $lt: null, $startsWith: 1, $exists: 1 } },
      ['$gt', '$lt', '$startsWith', '$exists'].map((key) => `/filter/data.a/${key} invalid_type`),
    ],
    [
      { tenantId: '1', entityId: 3817, state: null, version: true },
      ['tenantId', 'entityId', 'state', 'version'].map((key) => `/filter/${key} invalid_type`),
    ],
    [{ data: 1, keys: 'x' }, ['/filter/data invalid_type', '/filter/keys invalid_type']],
    [
      { timestamp: 'yesterday', time: { $gt: '2017' } },
      ['/filter/timestamp invalid_type', '/filter/time/$gt invalid_type'],
    ],
  ])('%j', (filter, expected) => {
    expect(faults(filter)).toEqual(expected)
  })

  test('what is over a cap', () => {
    const nested = (levels: number) => `${'{"$not":'.repeat(levels)}{"type":"a"}${'}'.repeat(levels)}`
    expect(faults(nested(15))).toEqual([])
    expect(faults(nested(16))).toEqual([`/filter${'/$not'.repeat(16)} too_deep`])
    const conditions = (count: number) => ({
      data: Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 1])),
    })
    expect(faults(conditions(100))).toEqual([])
    expect(faults(conditions(150))).toEqual(['/filter/data/k100 too_large'])
    expect(faults({ 'data.a': Array(1_000).fill(1) })).toEqual([])
    expect(faults({ 'data.a': Array(1_001).fill(1) })).toEqual(['/filter/data.a too_large'])
    expect(faults({ type: 'a'.repeat(16 * 1024) })).toEqual(['/filter too_large'])
  })
})

test('a filter that was taken apart reads as its text does', () => {
  const parsed = parseJson('{ "data": {"status": "paid"} }', { materializeDepth: 1 })
  const result = parsed.ok ? parseFilter(parsed.node) : undefined
  expect(result?.ok && result.filter(invoice)).toBe(true)
})

describe('properties', () => {
  const scalar = fc.constantFrom<(string | number | boolean | null)[]>(1, 2, 1.5, 'a', 'b', true, null)
  const operand = fc.oneof(
    scalar,
    fc.array(scalar, { minLength: 1, maxLength: 3 }),
    fc.record({ $gt: scalar, $exists: fc.boolean(), $ne: scalar, $contains: fc.constant('a') }, { requiredKeys: [] }),
  )
  const condition = fc.dictionary(
    fc.constantFrom('type', 'data.a', 'data.b.c', 'tenantId', 'actor', 'x', '$nor'),
    operand,
    {
      minKeys: 1,
      maxKeys: 2,
      noNullPrototype: true,
    },
  )
  const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      condition,
      fc.record({ $and: fc.array(tie('filter'), { maxLength: 3 }), $not: tie('filter') }, { requiredKeys: [] }),
      fc.record({ $or: fc.array(tie('filter'), { maxLength: 3 }) }),
    ),
  }))
  const data = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(scalar, fc.array(scalar), fc.record({ c: scalar })),
    { noNullPrototype: true },
  )

  test('$not turns every answer round, and $and and $or of one filter are that filter', () => {
    fc.assert(
      fc.property(filter, data, (some, value) => {
        const parsed = parseFilter(JSON.stringify({ $and: [some] }))
        if (!parsed.ok) return
        const event = eventOf(`{"tenantId":1,"type":"a.b","entityId":"1","data":${JSON.stringify(value)}}`)
        const answer = parsed.filter(event)
        expect(matches({ $not: some }, event)).toBe(!answer)
        expect(matches({ $or: [some] }, event)).toBe(answer)
        expect(matches({ $not: { $not: some } }, event)).toBe(answer)
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })

  test('equality agrees with plain JavaScript', () => {
    fc.assert(
      fc.property(data, scalar, (value, wanted) => {
        const event = eventOf(`{"tenantId":1,"type":"a.b","entityId":"1","data":${JSON.stringify(value)}}`)
        const found = value.a === undefined ? [] : [value.a].flat()
        expect(matches({ 'data.a': wanted }, event)).toBe(found.includes(wanted))
        expect(matches({ 'data.a': { $ne: wanted } }, event)).toBe(!found.includes(wanted))
      }),
      { seed: 4 },
    )
  })

  test('any text and any JSON is answered without throwing', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      filter.map((some) => JSON.stringify(some)),
    )
    fc.assert(
      fc.property(text, (some) => {
        const result = parseFilter(some)
        if (result.ok) expect(typeof result.filter(invoice)).toBe('boolean')
        else expect(result.errors.length).toBeGreaterThan(0)
      }),
      { seed: 4, numRuns: 2_000 },
    )
  })

  test.each(['[', '{"data":', '{"$not":', '{"$or":[', '"', ' '])('a mebibyte of %j is refused', (part) => {
    expect(parseFilter(part.repeat((1 << 20) / part.length)).ok).toBe(false)
  })
})

describe('what an event does not meet', () => {
  test.each([
    [{ type: 'invoice.created' }, ['type $eq "invoice.created" (the event has "invoice.updated")']],
    [{ 'data.total': { $gte: 1, $lt: 5000 } }, ['data.total $lt 5000 (the event has 12345678901234567.89)']],
    [
      { data: { status: ['sent', 'late'], customer: { country: { $ne: 'NO' } } } },
      ['data.status $in ["sent","late"] (the event has "paid")', 'data.customer.country $ne "NO" (the event has "NO")'],
    ],
    [{ state: 'open' }, ['state $eq "open" (the event has no such field)']],
    [{ state: { $exists: true } }, ['state $exists true (the event has no such field)']],
    [{ 'data.lines.product': 'c' }, ['data.lines.product $eq "c" (the event has "a", "b")']],
    [
      { $or: [{ state: 'open' }, { version: 7, type: 'invoice.updated' }] },
      ['$or: state $eq "open" (the event has no such field), nor version $eq 7 (the event has 12)'],
    ],
    [
      { $not: { actor: { $startsWith: 'sync-' } } },
      ['$not {"actor":{"$startsWith":"sync-"}} (the event is like that)'],
    ],
    [{ type: 'invoice.updated' }, []],
  ])('%j', (filter, expected) => expect(unmet(filter)).toEqual(expected))

  test('a long value is cut', () => {
    const [told] = unmet({ entityId: 'x'.repeat(5_000) })
    expect(told!.length).toBeLessThan(300)
  })
})
