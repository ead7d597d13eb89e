import { expect, test } from 'vitest'
import { clientProblem, maxHeaderBytes, type ParseError } from './parse-error.ts'

const error = (code: string, text: string, bytesParsed = 0) =>
  Object.assign(new Error(code), { code, rawPacket: Buffer.from(text), bytesParsed }) as ParseError
const long = 'x'.repeat(maxHeaderBytes)

test.each<[string, ParseError, string]>([
  ['a URL without an end', error('HPE_HEADER_OVERFLOW', `GET /${long}`), 'uri_too_long'],
  ['a URL that is longer than all may be', error('HPE_HEADER_OVERFLOW', `GET /${long} HTTP/1.1\r\n`), 'uri_too_long'],
  ['headers that are too long', error('HPE_HEADER_OVERFLOW', `GET / HTTP/1.1\r\nA: ${long}`), 'headers_too_large'],
  ['a part of headers, after a packet of their own', error('HPE_HEADER_OVERFLOW', long), 'headers_too_large'],
  ['a method that nobody knows', error('HPE_INVALID_METHOD', 'BREW /pot HTTP/1.1\r\n'), 'not_implemented'],
  [
    'such a method after another request',
    error('HPE_INVALID_METHOD', 'GET / HTTP/1.1\r\n\r\nBREW / HTTP/1.1\r\n', 19),
    'not_implemented',
  ],
  ['what is no HTTP', error('HPE_INVALID_METHOD', '\u0016\u0003\u0001'), 'malformed_request'],
  ['HTTP of another version', error('HPE_INVALID_METHOD', 'BREW /pot HTTP/2.0\r\n'), 'malformed_request'],
  ['headers that do not come', error('ERR_HTTP_REQUEST_TIMEOUT', ''), 'request_timeout'],
  ['anything else', error('HPE_INVALID_CONSTANT', ''), 'malformed_request'],
])('%s', (_, given, code) => {
  expect(clientProblem(given).code).toBe(code)
})

test('without a packet it is told all the same', () => {
  const bare = Object.assign(new Error('x'), { code: 'HPE_HEADER_OVERFLOW' }) as ParseError
  expect(clientProblem(bare).code).toBe('headers_too_large')
})
