import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asciiJson,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  materialize,
  member,
  parseJson,
  resourceCaps,
  toPlain,
} from './json.ts'

function parsed(text: string, options = {}): JsonNode {
  const result = parseJson(text, options)
  if (!result.ok) throw new Error(result.error.message)
  return result.node
}

function refusal(text: string, options = {}) {
  const result = parseJson(text, options)
  return result.ok ? 'accepted' : `${result.error.code} at ${result.error.offset} in ${result.error.pointer || 'root'}`
}

const spaced = (value: unknown) => JSON.stringify(value, null, '\t \r\n')

describe('what is kept', () => {
  test.each([
    ['{"total":12345678901234567.89,"stamp":20250206211528366}'],
    ['[1.0,1,10e-1,1E+2,-0,-0.00]'],
    ['{"b":1,"a":2,"10":3,"9":4}'],
    ['"\\u00e5\\/å\\ud800"'],
    ['{"\\u0061":{}}'],
  ])('%s is its own canonical text', (text) => {
    expect(parsed(text).text).toBe(text)
    expect(parsed(text, { materializeDepth: 0 }).text).toBe(text)
  })

  test('white space goes, but not from strings', () => {
    const node = parsed(' \n{ "a b" : [ 1 , "c  d" ,{ } ] ,\t"e":null }\r\n') as JsonObject
    expect(node.text).toBe('{"a b":[1,"c  d",{}],"e":null}')
    expect(node.members.map(({ keyText, value }) => [keyText, value.text])).toEqual([
      ['"a b"', '[1,"c  d",{}]'],
      ['"e"', 'null'],
    ])
    expect((node.members[0]!.value as JsonArray).items.map((item) => item.text)).toEqual(['1', '"c  d"', '{}'])
  })

  test('keys and strings read unescaped and print as written', () => {
    const node = parsed('{"\\u0061\\n":"\\u00e5"}') as JsonObject
    expect(node.members[0]).toMatchObject({ key: 'a\n', keyText: '"\\u0061\\n"', value: { value: 'å' } })
    expect(member(node, 'a\n')).toMatchObject({ text: '"\\u00e5"' })
    expect(member(node, 'toString')).toBeUndefined()
    expect(member(parsed('[]'), 'a')).toBeUndefined()
  })

  test('__proto__ is an ordinary key', () => {
    const plain = toPlain(parsed('{"__proto__":{"admin":true},"constructor":1}')) as object
    expect(Object.keys(plain)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
    expect('admin' in plain).toBe(false)
  })

  test('a number that no double holds becomes its text', () => {
    expect(toPlain(parsed('[1.50,1e2,-0,0.1,9007199254740992,9007199254740993,20250206211528366,1e999]'))).toEqual([
      1.5,
      100,
      -0,
      0.1,
      9007199254740992,
      '9007199254740993',
      '20250206211528366',
      '1e999',
    ])
  })
})

describe('what is refused', () => {
  test.each([
    ['', 'syntax at 0 in root'],
    [' ', 'syntax at 1 in root'],
    ['{"a":1,"a":2}', 'duplicate_key at 7 in /a'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key at 7 in /a'],
    ['[{"x":{"__proto__":1,"__proto__":1}}]', 'duplicate_key at 21 in /0/x/__proto__'],
    ['{"a/b":[{"~":tru}]}', 'syntax at 13 in /a~1b/0/~0'],
    ['1 2', 'trailing at 2 in root'],
    ['[1,]', 'syntax at 3 in /1'],
    ['{"a":1,}', 'syntax at 7 in root'],
    ['{a:1}', 'syntax at 1 in root'],
    ["{'a':1}", 'syntax at 1 in root'],
    ['01', 'syntax at 0 in root'],
    ['-', 'syntax at 1 in root'],
    ['1.', 'syntax at 2 in root'],
    ['.5', 'syntax at 0 in root'],
    ['+1', 'syntax at 0 in root'],
    ['1e', 'syntax at 2 in root'],
    ['NaN', 'syntax at 0 in root'],
    ['Infinity', 'syntax at 0 in root'],
    ['nulL', 'syntax at 0 in root'],
    ['"\u0000"', 'syntax at 1 in root'],
    ['"a\nb"', 'syntax at 2 in root'],
    ['"\\x"', 'syntax at 1 in root'],
    ['"\\u12g4"', 'syntax at 1 in root'],
    ['"\\', 'syntax at 1 in root'],
    ['"abc', 'syntax at 4 in root'],
    ['\ufeff{}', 'syntax at 0 in root'],
    ['[1]\u00a0', 'trailing at 3 in root'],
    ['/**/1', 'syntax at 0 in root'],
    ['[[[[1]]]]', 'accepted'],
  ])('%j: %s', (text, expected) => {
    expect(refusal(text)).toBe(expected)
    expect(refusal(text, { materializeDepth: 0 })).toBe(expected)
  })

  test('depth counts containers', () => {
    expect(refusal('[[]]', { maxDepth: 2 })).toBe('accepted')
    expect(refusal('[[[]]]', { maxDepth: 2 })).toBe('too_deep at 2 in /0/0')
    expect(refusal('[{"a":{}}]', { maxDepth: 2, materializeDepth: 0 })).toBe('too_deep at 6 in /0/a')
    expect(refusal('['.repeat(64) + ']'.repeat(64))).toBe('accepted')
    expect(refusal('['.repeat(65) + ']'.repeat(65))).toMatch(/^too_deep at 64 /)
    expect(refusal('{"a":'.repeat(500_000), { maxDepth: Number.POSITIVE_INFINITY })).toMatch(/^too_deep at 5000 /)
  })

  test('members and items count in the whole text, width in one object', () => {
    expect(refusal('{"a":[1,2]}', { maxMembers: 3 })).toBe('accepted')
    expect(refusal('{"a":[1,2]}', { maxMembers: 2 })).toBe('too_many_members at 8 in /a')
    expect(refusal('[{"a":1,"b":2},{"c":3}]', { maxWidth: 2 })).toBe('accepted')
    expect(refusal('[{"a":1,"b":2,"c":3}]', { maxWidth: 2 })).toBe('too_many_members at 14 in /0/c')
  })

  test('an opaque object may be as wide as it was allowed to be', () => {
    const text = `{${Array.from({ length: 20_000 }, (_, index) => `"${index}":0`).join()}}`
    expect(refusal(text)).toMatch(/^too_many_members/)
    const node = parsed(text, { maxWidth: 20_000, materializeDepth: 0 })
    expect((materialize(node) as JsonObject).members).toHaveLength(20_000)
  })

  test('a duplicate among many keys is found', () => {
    const keys = Array.from({ length: 40 }, (_, index) => `"k${index}":0`)
    expect(refusal(`{${keys.join()}}`)).toBe('accepted')
    for (const index of [0, 15, 16, 17, 39]) {
      expect(refusal(`{${keys.join()},"k${index}":1}`)).toMatch(/^duplicate_key/)
    }
  })
})

describe('opaque containers', () => {
  const text = '[{"type":"a.b","data":{"a":[1]}},[]]'
  test('begin at the depth asked for and open on demand', () => {
    const root = parsed(text, { materializeDepth: 2 }) as JsonArray
    expect(root.isOpaque).toBe(false)
    const event = root.items[0] as JsonObject
    expect(event.members.map(({ key }) => key)).toEqual(['type', 'data'])
    const data = member(event, 'data') as JsonObject
    expect(data).toMatchObject({ isOpaque: true, members: [], text: '{"a":[1]}' })
    expect(member(materialize(data), 'a')?.text).toBe('[1]')
    expect(toPlain(root)).toEqual(JSON.parse(text))
  })
})

describe('properties', () => {
  const options = { seed: 7, numRuns: 500 }

  test('any value reads as JSON.parse reads it, at every opacity, spaced or not', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, stringUnit: 'binary' }), fc.nat(4), (text, materializeDepth) => {
        const value = JSON.parse(text)
        const canonical = JSON.stringify(value)
        for (const written of [canonical, spaced(value)]) {
          const node = parsed(written, { materializeDepth })
          expect(node.text).toBe(canonical)
          expect(JSON.stringify(toPlain(node))).toBe(canonical)
        }
      }),
      options,
    )
  })

  test('accepts what JSON.parse accepts and nothing else', () => {
    const fragments = fc.constantFrom(...'{}[]":,\\10-.ex \n\t\u0007', 'u00e5', 'true', 'null', '"a"', '"b":', '\\"')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fragments, { maxLength: 14 }).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const result = parseJson(text)
          let isValid = true
          try {
            JSON.parse(text)
          } catch {
            isValid = false
          }
          // A repeated key is refused before what follows it is read.
          if (!result.ok && result.error.code === 'duplicate_key') return
          expect(result.ok).toBe(isValid)
          if (!result.ok) {
            expect(result.error.offset).toBeGreaterThanOrEqual(0)
            expect(result.error.offset).toBeLessThanOrEqual(text.length)
          }
        },
      ),
      { seed: 7, numRuns: 5_000 },
    )
  })

  test('a damaged text is refused or reads as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.string({ maxLength: 2 }), (text, at, put) => {
        const damaged = text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1)
        const result = parseJson(damaged)
        if (result.ok) expect(JSON.parse(result.node.text)).toEqual(JSON.parse(damaged))
      }),
      options,
    )
  })

  test('ASCII text means the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const ascii = asciiJson(JSON.stringify(value))
        expect(Buffer.byteLength(ascii)).toBe(ascii.length)
        expect(JSON.parse(ascii)).toBe(value)
      }),
      options,
    )
    expect(asciiJson('"å😀"')).toBe('"\\u00e5\\ud83d\\ude00"')
    const plain = '{"a":1}'
    expect(asciiJson(plain)).toBe(plain)
  })
})

test('a body that is too deep or too wide is refused where it becomes so, not where it ends', () => {
  for (const [text, code, most] of [
    [`{${Array.from({ length: 100_000 }, (_, index) => `"${index}":0`).join()}}`, 'too_many_members', 8_000],
    [`[${'0,'.repeat(500_000)}0]`, 'too_many_members', 41_000],
    ['['.repeat(100_000), 'too_deep', 40],
    ['{"a":'.repeat(100_000), 'too_deep', 200],
  ] as const) {
    const result = parseJson(text, resourceCaps)
    expect(result).toMatchObject({ ok: false, error: { code } })
    if (!result.ok) expect(result.error.offset).toBeLessThan(most)
  }
})

describe('hostile texts of a mebibyte end', () => {
  const size = 1 << 20
  const fill = (part: string) => part.repeat(Math.ceil(size / part.length))
  test.each([
    ['a long key', `{"${fill('k')}":1}`, 'accepted'],
    ['equal long keys', `{"${fill('k')}":1,"${fill('k')}":2}`, 'duplicate_key'],
    ['many keys', `{${Array.from({ length: 200_000 }, (_, index) => `"${index}":0`).join()}}`, 'too_many_members'],
    ['many items', `[${fill('0,')}0]`, 'too_many_members'],
    ['white space', fill(' \n'), 'syntax'],
    ['spaced items', `[${fill(' 0 ,')} 0 ]`, 'too_many_members'],
    ['a long number', `1${fill('0')}.${fill('5')}e${fill('9')}`, 'accepted'],
    ['a string of escapes', `"${fill('\\u0000')}"`, 'accepted'],
    ['an open string', `"${fill('\\\\')}`, 'syntax'],
    ['open arrays', fill('['), 'too_deep'],
    ['open objects', fill('{"":'), 'too_deep'],
  ])('%s', (_, text, expected) => {
    const result = parseJson(text)
    expect(result.ok ? 'accepted' : result.error.code).toBe(expected)
    if (result.ok) expect(result.node.text).toBe(text)
  })
})
