import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText, jsonValue } from './json-text.ts'

const wide = fc.bigInt({ min: 2n ** 53n, max: 10n ** 19n - 1n })
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    wide,
    fc.maxSafeInteger(),
    fc.string(),
    fc.constantFrom(null, true, 0.5),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

test('bigints are written as digits, and read again', () => {
  fc.assert(
    fc.property(value, (given) => {
      expect(jsonValue(jsonText(given))).toEqual(given)
    }),
  )
  expect(jsonText({ id: 116015326147118082n, list: [1, 9223372036854775807n], text: '116015326147118082' })).toBe(
    '{"id":116015326147118082,"list":[1,9223372036854775807],"text":"116015326147118082"}',
  )
})

test('without a bigint both are what JSON does', () => {
  const plain = { b: [1, 'x', null, 0.1, 1e300, undefined], a: { toJSON: () => 5 }, gone: undefined }
  expect(jsonText(plain)).toBe(JSON.stringify(plain))
  for (const text of ['1e16', '1234567890123456.5', '-12345678901234567', '12345678901234567890', '9007199254740991']) {
    expect(jsonValue(text)).toBe(JSON.parse(text))
  }
})

test('what is no JSON is refused as JSON refuses it', () => {
  expect(() => jsonValue('{"a":12345678901234567')).toThrow(SyntaxError)
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(() => jsonText(circle)).toThrow(TypeError)
})
