import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentEncoded } from './header-value.ts'

test.each([
  // The example of the HTTP binding, §3.1.3.2.
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['100% "a"', '100%25%20%22a%22'],
  ["!#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", "!#$&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"],
  ['a\r\nb\x7f', 'a%0D%0Ab%7F'],
  ['', ''],
])('%j is %j', (text, encoded) => {
  expect(percentEncoded(text)).toBe(encoded)
})

test('it is printable, and one round of decoding gives the text back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = percentEncoded(text)
      expect(encoded).toMatch(/^[\x21-\x7e]*$/)
      expect(decodeURIComponent(encoded)).toBe(text.toWellFormed())
    }),
  )
})
