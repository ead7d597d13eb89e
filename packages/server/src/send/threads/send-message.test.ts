import { expect, test } from 'vitest'
import type { OutgoingRequest, TransportResult } from '../transport.ts'
import { packRequest, packResult, unpackRequest, unpackResult } from './send-message.ts'

const request: OutgoingRequest = {
  method: 'POST',
  url: 'https://example.com/hook',
  headers: [['x-one', '1']],
  body: '{}',
  timeoutMs: 15_000,
  wantsHeaders: true,
  tls: { ca: 'PEM' },
}
const result: TransportResult = {
  ...{ status: 200, error: null, body: 'ok', retryAfter: '5', headers: { server: 'x' } },
  ...{ durationMs: 12, timing: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 }, isCutShort: true },
}

test('a request comes out of its message as it was, and so does one of the least', () => {
  expect(unpackRequest(structuredClone(packRequest(7, request)))).toEqual(request)
  const { tls: _tls, wantsHeaders: _wants, ...least } = request
  expect(unpackRequest(structuredClone(packRequest(8, least)))).toEqual({ ...least, wantsHeaders: false })
})

test('a result comes out as it was, without headers that nobody wants', () => {
  expect(unpackResult(structuredClone(packResult(7, request, result)))).toEqual(result)
  const unwanted = packResult(7, { ...request, wantsHeaders: false }, result)
  expect(unpackResult(structuredClone(unwanted))).toEqual({ ...result, headers: {} })
  // Whoever looks at a failure wants to see them.
  const failed = { ...result, status: 500 }
  expect(unpackResult(structuredClone(packResult(7, { ...request, wantsHeaders: false }, failed)))).toEqual(failed)
})

test('a fault of the thread comes out as the error that it is', () => {
  expect(unpackResult(structuredClone([7, new TypeError('x')] as const))).toMatchObject({ message: 'x' })
})
