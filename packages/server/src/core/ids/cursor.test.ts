import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

const shape = ['string', 'number', 'tenantId'] as const
const keys = ['sub_1', 7, 9_007_199_254_740_993n] as const

test('a cursor gives back what it was made of', () => {
  expect(decodeCursor(encodeCursor(keys), shape)).toEqual(keys)
})

test('another spelling of it is refused', () => {
  const cursor = encodeCursor(['a'])
  const texts = [
    `${cursor}=`,
    `${cursor}!`,
    `!${cursor}`,
    cursor.slice(0, -1) + String.fromCharCode(cursor.charCodeAt(cursor.length - 1) + 1),
    Buffer.from('[ "a"]').toString('base64url'),
    Buffer.from('["\\u0061"]').toString('base64url'),
    Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]).toString('base64url'),
  ]
  for (const text of texts) expect(() => decodeCursor(text, ['string'])).toThrow(/cursor/)
  for (const number of ['1e999', '-1e999', '1e2', '1.0']) {
    expect(() => decodeCursor(Buffer.from(`[${number}]`).toString('base64url'), ['number'])).toThrow(/cursor/)
  }
})
