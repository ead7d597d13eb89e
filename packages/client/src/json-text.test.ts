import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromJson, itemTexts, memberText, memberTexts, rawJson, toJson } from './json-text.ts'

const spaced = fc.json().map((text) => JSON.stringify(JSON.parse(text), null, 2))

describe('taking JSON apart', () => {
  test('the items of an array are its items', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), spaced)), (items) => {
        expect(itemTexts(` [ ${items.join(' ,\n')} ] `)).toEqual(items)
      }),
    )
  })

  test('the members of an object are its members', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.json()), { selector: ([key]) => key }), (members) => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)} : ${value}`).join(' , ')}}`
        expect([...memberTexts(text)]).toEqual(members)
      }),
    )
  })

  test('brackets, quotes and backslashes within strings end nothing', () => {
    expect(memberText(String.raw`{"a":"}\"]\\","b":1}`, 'b')).toBe('1')
  })

  test('digits stay', () => {
    expect(memberText('{"data":{"n":12345678901234567.890}}', 'data')).toBe('{"n":12345678901234567.890}')
    expect(memberText('{"data":1}', 'other')).toBeUndefined()
  })

  test.each(['', '[', '{"a":', '{"a":"', 'x'])('%j is not taken apart', (text) => {
    expect(() => (text.startsWith('[') ? itemTexts(`[${text}`) : memberTexts(text))).toThrow(SyntaxError)
  })
})

describe('writing JSON', () => {
  test('what JSON.stringify writes, this writes', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withNullPrototype: true }), (value) => {
        fc.pre(!hasBigInt(value))
        expect(toJson(value)).toBe(JSON.stringify(value) ?? 'null')
      }),
    )
  })

  test('bigint and raw text keep their digits', () => {
    expect(toJson({ a: 2n ** 64n, b: rawJson('1.10'), c: undefined, d: [undefined] })).toBe(
      '{"a":18446744073709551616,"b":1.10,"d":[null]}',
    )
  })

  test('raw text that is not JSON is refused at once', () => {
    expect(() => rawJson('1.')).toThrow(SyntaxError)
  })
})

describe('reading JSON', () => {
  test('what JSON.parse reads, this reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), spaced), (text) => {
        fc.pre(!/[0-9]{16}/.test(text))
        expect(fromJson(text)).toEqual(JSON.parse(text))
      }),
    )
    for (const text of [
      '1e16',
      '-12345678901234567',
      '12345678901234567890',
      '["1234567890123456"]',
      '{"__proto__":1}',
    ]) {
      expect(fromJson(text)).toEqual(JSON.parse(text))
    }
  })

  test('integers beyond a double are bigint, at any depth, and are written again as they were', () => {
    const text =
      '{"id":116015326147118082,"items":[9007199254740991,{"id":9223372036854775807}],"x":1234567890123456.5}'
    const value = fromJson(text)
    expect(value).toEqual({
      id: 116015326147118082n,
      items: [9007199254740991, { id: 9223372036854775807n }],
      x: 1234567890123456.5,
    })
    expect(fromJson(` ${text.replaceAll(/([:,])/g, ' $1 ')} `)).toEqual(value)
    expect(toJson({ ...(value as object), x: rawJson('1234567890123456.5') })).toBe(text)
  })

  test('what is no JSON is refused', () => {
    expect(() => fromJson('{"a":12345678901234567')).toThrow(SyntaxError)
  })
})

function hasBigInt(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return false
  } catch {
    return true
  }
}
