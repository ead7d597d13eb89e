import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { itemTexts, memberText, memberTexts, rawJson, toJson } from './json-text.ts'

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

function hasBigInt(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return false
  } catch {
    return true
  }
}
