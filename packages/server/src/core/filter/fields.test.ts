import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkFields,
  type FieldModel,
  type Model,
  type ProjectionOptions,
  parseFields,
  printFields,
  projectFields,
  type Selection,
} from './fields.ts'

function parsed(text: string): Selection {
  const result = parseFields(text)
  if (!result.ok) throw new Error(result.error.message)
  return result.selection
}

describe('parseFields', () => {
  test.each([
    ['*', '*'],
    ['a,b', 'a,b'],
    [' a , b ', 'a,b'],
    ['ref(*)', 'ref(*)'],
    ['ref()', 'ref(*)'],
    ['ref ( )', 'ref(*)'],
    ['*,orderLines(*,product(number))', '*,orderLines(*,product(number))'],
    ['a( b( c ) , d ),e', 'a(b(c),d),e'],
    ['a,a', 'a'],
    ['a,a(b)', 'a(b)'],
    ['a(b),a', 'a(b)'],
    ['a(b),a(c)', 'a(b,c)'],
    ['a,*', '*,a'],
    ['__proto__,constructor', '__proto__,constructor'],
    ['größe,x-y_z.1', 'größe,x-y_z.1'],
  ])('%j is %j', (text, printed) => {
    expect(printFields(parsed(text))).toBe(printed)
  })

  test.each([
    ['', 0],
    ['  ', 2],
    [',', 0],
    ['a,', 2],
    ['a,,b', 2],
    ['a b', 2],
    ['a(b', 3],
    ['a(', 2],
    ['a)', 1],
    ['a(b))', 4],
    ['(a)', 0],
    ['*(a)', 1],
    ['a(b)c', 4],
    ['a()()', 3],
    ['a(,)', 2],
    ['a(b,)', 4],
    ['**', 1],
    ['a*', 1],
    ['a\u0000', 1],
  ])('%j fails at %i', (text, offset) => {
    expect(parseFields(text)).toMatchObject({ ok: false, error: { code: 'syntax', offset } })
  })

  test('has caps', () => {
    expect(parseFields('a'.repeat(256), { maxLength: 255 })).toMatchObject({ error: { code: 'too_long' } })
    expect(parseFields('a'.repeat(255), { maxLength: 255 })).toMatchObject({ ok: true })
    const nested = (depth: number) => `${'a('.repeat(depth)}b${')'.repeat(depth)}`
    expect(parseFields(nested(63))).toMatchObject({ ok: true })
    expect(parseFields(nested(64))).toMatchObject({ error: { code: 'too_deep' } })
  })

  const maxLength = 1 << 20
  test.each(['a(', 'a,', ' ', '*,', ')', 'a()', 'é'])('ends on a mebibyte of %j', (part) => {
    const text = part.repeat(maxLength / part.length)
    const result = parseFields(text, { maxLength })
    if (result.ok) expect(printFields(result.selection).length).toBeLessThanOrEqual(text.length)
    else expect(result.error.offset).toBeLessThanOrEqual(text.length)
  })
})

const company = new Map<string, FieldModel>()
const product: Model = new Map([
  ['id', { kind: 'scalar' }],
  ['number', { kind: 'scalar' }],
])
company.set('id', { kind: 'scalar' })
company.set('parent', { kind: 'reference', model: company })
const order: Model = new Map([
  ['id', { kind: 'scalar' }],
  ['customer', { kind: 'reference', model: company }],
  [
    'address',
    {
      kind: 'object',
      model: new Map([
        ['city', { kind: 'scalar' }],
        ['country', { kind: 'reference', model: product }],
      ]),
    },
  ],
  ['orderLines', { kind: 'list', of: { kind: 'reference', model: product } }],
  ['tags', { kind: 'list', of: { kind: 'scalar' } }],
] as const)

test.each([
  ['*', []],
  ['id,customer,orderLines', []],
  ['*,customer(parent(parent(id))),address(city),orderLines(number)', []],
  ['nonsense', ['nonsense unknown_field']],
  [
    'customer(x,y),orderLines(number,z)',
    ['customer.x unknown_field', 'customer.y unknown_field', 'orderLines.z unknown_field'],
  ],
  ['id(*)', ['id not_nested']],
  ['tags(*)', ['tags not_nested']],
  ['__proto__', ['__proto__ unknown_field']],
])('checkFields(%j)', (text, expected) => {
  expect(checkFields(parsed(text), order).map(({ path, code }) => `${path} ${code}`)).toEqual(expected)
})

describe('projectFields', () => {
  const entity =
    '{"id":12345678901234567890,"total":1.50,"n\\u00e5me":"\\u00e5",' +
    '"customer":{"id":1,"name":"Bygg","url":"u/1","parent":{"id":2,"url":"u/2","x":0}},' +
    '"address":{"city":"Oslo","country":{"id":3,"code":"NO"}},"none":null,"tags":["a","b"],' +
    '"orderLines":[{"id":4,"url":"u/4","product":{"id":5,"number":"7"}},{"id":6,"product":null}]}'

  test.each<[ProjectionOptions['bare'], string, string]>([
    ['reference', 'total,id', '{"id":12345678901234567890,"total":1.50}'],
    ['reference', 'nåme', '{"n\\u00e5me":"\\u00e5"}'],
    ['reference', 'missing', '{}'],
    ['reference', 'customer', '{"customer":{"id":1,"url":"u/1"}}'],
    ['reference', 'customer(*)', '{"customer":{"id":1,"name":"Bygg","url":"u/1","parent":{"id":2,"url":"u/2"}}}'],
    ['reference', 'customer()', '{"customer":{"id":1,"name":"Bygg","url":"u/1","parent":{"id":2,"url":"u/2"}}}'],
    ['reference', 'customer(name)', '{"customer":{"name":"Bygg"}}'],
    ['reference', 'customer(parent(x))', '{"customer":{"parent":{"x":0}}}'],
    ['reference', 'address', '{"address":{"city":"Oslo","country":{"id":3}}}'],
    ['reference', 'none(a),tags(a)', '{"none":null,"tags":["a","b"]}'],
    ['reference', 'orderLines', '{"orderLines":[{"id":4,"url":"u/4"},{"id":6}]}'],
    ['reference', 'orderLines(product(number))', '{"orderLines":[{"product":{"number":"7"}},{"product":null}]}'],
    [
      'reference',
      'orderLines(*,product(number))',
      '{"orderLines":[{"id":4,"url":"u/4","product":{"number":"7"}},{"id":6,"product":null}]}',
    ],
    ['whole', 'customer(parent),tags', '{"customer":{"parent":{"id":2,"url":"u/2","x":0}},"tags":["a","b"]}'],
    ['whole', '*', entity],
    [
      'whole',
      '*,customer(id),orderLines(id)',
      entity
        .replace(/"customer":.*?\}\}/, '"customer":{"id":1}')
        .replace(/"orderLines":.*\]/, '"orderLines":[{"id":4},{"id":6}]'),
    ],
  ])('%s: %s', (bare, fields, expected) => {
    expect(projectFields(parsed(fields), entity, { bare })).toBe(expected)
  })

  test('a model tells a reference from a part', () => {
    const text = '{"customer":{"url":"u","name":"n"},"address":{"id":9,"city":"Oslo","country":{"id":3,"code":"NO"}}}'
    const options = { bare: 'reference', model: order } as const
    expect(projectFields(parsed('*'), text, options)).toBe(
      '{"customer":{"url":"u"},"address":{"id":9,"city":"Oslo","country":{"id":3}}}',
    )
  })

  test('null, a scalar and a list of entities', () => {
    const project = (text: string) => projectFields(parsed('id'), text, { bare: 'reference' })
    expect([project('null'), project('1.0'), project('[{"id":1,"a":2},null]')]).toEqual([
      'null',
      '1.0',
      '[{"id":1},null]',
    ])
  })
})

describe('properties', () => {
  const name = fc.constantFrom('id', 'url', 'a', 'b', 'lines', '__proto__')
  const { selection } = fc.letrec<{ selection: Selection }>((tie) => ({
    selection: fc
      .record({
        isAll: fc.boolean(),
        names: fc
          .uniqueArray(fc.tuple(name, fc.option(tie('selection'), { depthSize: 'small' })), {
            selector: ([key]) => key,
            maxLength: 3,
          })
          .map((entries) => new Map(entries)),
      })
      .map((made) => (made.names.size === 0 ? { ...made, isAll: true } : made)),
  }))
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(1, 'x', null, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const style = fc.constantFrom<ProjectionOptions['bare']>('reference', 'whole')
  const model = fc.constantFrom<(Model | undefined)[]>(
    undefined,
    new Map<string, FieldModel>([
      ['a', { kind: 'reference', model: order }],
      ['b', { kind: 'object', model: new Map([['a', { kind: 'scalar' }]]) }],
      ['lines', { kind: 'list', of: { kind: 'reference', model: product } }],
    ]),
  )

  test('what is printed parses to the same', () => {
    fc.assert(
      fc.property(selection, (made) => {
        expect(parsed(printFields(made))).toEqual(made)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('random text never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('a', 'b', '(', ')', ',', '*', ' ')).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, (some) => {
        const result = parseFields(some)
        if (result.ok) expect(printFields(parsed(printFields(result.selection)))).toBe(printFields(result.selection))
        else expect(result.error.offset).toBeLessThanOrEqual(some.length)
      }),
      { seed: 2, numRuns: 2_000 },
    )
  })

  test('projecting twice is projecting once', () => {
    fc.assert(
      fc.property(selection, value, style, model, (made, entity, bare, fields) => {
        const once = projectFields(made, JSON.stringify(entity), { bare, model: fields })
        expect(projectFields(made, once, { bare, model: fields })).toBe(once)
      }),
      { seed: 2, numRuns: 1_000 },
    )
  })

  test('nothing is invented and nothing moves', () => {
    fc.assert(
      fc.property(selection, value, style, model, (made, entity, bare, fields) => {
        expectPart(
          JSON.parse(projectFields(made, JSON.stringify(entity), { bare, model: fields })),
          JSON.parse(JSON.stringify(entity)),
        )
      }),
      { seed: 2, numRuns: 1_000 },
    )
  })
})

/** Every key of `part` is one of `whole`, in its order, with a part of its value. */
function expectPart(part: unknown, whole: unknown): void {
  if (Array.isArray(whole)) {
    expect(part).toHaveLength(whole.length)
    for (const [index, item] of whole.entries()) expectPart((part as unknown[])[index], item)
  } else if (typeof whole === 'object' && whole !== null) {
    const keys = Object.keys(part as object)
    expect(keys).toEqual(Object.keys(whole).filter((key) => keys.includes(key)))
    for (const key of keys) expectPart((part as Record<string, unknown>)[key], (whole as Record<string, unknown>)[key])
  } else expect(part).toBe(whole)
}
