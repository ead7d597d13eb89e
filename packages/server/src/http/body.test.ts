import { describe, expect, test } from 'vitest'
import { tenantIdIn } from '../core/ids/number-texts.ts'
import { jsonOf, textOf } from './body.ts'

const refusal = (code: string, detail: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(detail) })

test('bytes that are not UTF-8 are refused, and a mark of the byte order is no part of the text', () => {
  expect(textOf(Buffer.from('é'))).toBe('é')
  expect(textOf(Buffer.from('\ufeff{}'))).toBe('{}')
  expect(() => textOf(Uint8Array.of(0xc3))).toThrow(refusal('invalid_json', /not UTF-8/))
})

describe('a body', () => {
  test.each<[string, unknown]>([
    ['{"a":[1,true,null,"x"]}', { a: [1, true, null, 'x'] }],
    ['null', null],
    ['', undefined],
  ])('%j is plain data', (text, expected) => {
    expect(jsonOf(Buffer.from(text))).toEqual(expected)
  })

  test('keeps every digit of a tenant id, beside the plain number', () => {
    const body = jsonOf(Buffer.from('{"id":9223372036854775807}')) as Record<string, unknown>
    expect(tenantIdIn(body, 'id')).toBe(9223372036854775807n)
  })

  test.each([
    ['{"a":1', /not acceptable JSON/],
    ['{"a":1,"a":2}', /not acceptable JSON/],
    [`${'['.repeat(33)}${']'.repeat(33)}`, /not acceptable JSON/],
  ])('%s is refused', (text, detail) => {
    expect(() => jsonOf(Buffer.from(text))).toThrow(refusal('invalid_json', detail))
  })

  test.each(['__proto__', 'constructor', 'prototype'])(
    'with %s anywhere is refused: it does harm where it is copied',
    (key) => {
      for (const text of [`{"${key}":{}}`, `{"a":[{"b":{"${key}":1}}]}`]) {
        expect(() => jsonOf(Buffer.from(text))).toThrow(refusal('invalid_json', new RegExp(`\`${key}\``)))
      }
    },
  )
})
