import { expect, it } from 'vitest'
import { endpointHeaderFaults } from './endpoint-headers.ts'

const codes = (headers: Record<string, unknown>) => endpointHeaderFaults(headers, '/h').map(({ code }) => code)

it.each([
  'Host',
  'Content-Length',
  'transfer-encoding',
  'Connection',
  'Upgrade',
  'TE',
  'Trailer',
  'Expect',
  'webhook-id',
  'Webhook-Signature',
  'ce-id',
  'Idempotency-Key',
  'cookie',
])('refuses %s: it is the connection’s, the signature’s or changes what the request means', (name) => {
  expect(codes({ [name]: 'x' })).toEqual(['not_allowed'])
})

it('refuses __proto__ as a name', () => {
  expect(codes(JSON.parse('{"__proto__":"x"}'))).toEqual(['not_allowed'])
})

it.each(['', 'a b', 'a:b', 'a\r\nb', 'å'])('refuses %j as a name', (name) => {
  expect(codes({ [name]: 'x' })).toEqual(['invalid_format'])
})

it.each(['a\r\nX: y', 'a\u0000', 'ł', 5, null])('refuses %j as a value', (value) => {
  expect(codes({ 'x-a': value })).toEqual(['invalid_format'])
})

it('takes ordinary ones, and refuses one given twice and too many', () => {
  expect(codes({ 'X-Key': 'secret', Authorization: 'Bearer abc' })).toEqual([])
  expect(codes({ 'x-a': '1', 'X-A': '2' })).toEqual(['duplicate'])
  expect(codes(Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, 'v'])))).toEqual(['too_many'])
})
