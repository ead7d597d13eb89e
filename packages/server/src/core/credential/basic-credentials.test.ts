import { expect, test } from 'vitest'
import { readBasicCredentials } from './basic-credentials.ts'

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

test('what stands before the first colon, and all behind it', () => {
  expect(readBasicCredentials(encode('app:sécret:6565df'))).toEqual({ id: 'app', password: 'sécret:6565df' })
  expect(readBasicCredentials(encode(':'))).toEqual({ id: '', password: '' })
  expect(readBasicCredentials(encode('no colon'))).toBeUndefined()
})

test.each([
  ['without its padding', 'YTpi'.concat('Yg')],
  ['with too much padding', `${encode('a:b')}=`],
  ['with unused bits', 'YTpiYh=='],
  ['in the alphabet of URLs', encode('a:??>>').replaceAll('+', '-').replaceAll('/', '_')],
  ['with what is no base64 in it', `${encode('a:b').slice(0, 2)}!${encode('a:b').slice(2)}`],
  ['with bytes that are no UTF-8', encode(Uint8Array.of(0x61, 0x3a, 0xff))],
])('another spelling is not read: %s', (_name, encoded) => {
  expect(readBasicCredentials(encoded)).toBeUndefined()
})
