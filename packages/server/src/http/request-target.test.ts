import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isHost, pathOf } from './request-target.ts'

describe('a request target', () => {
  test.each<[string, string, string]>([
    ['/v1/events?a=1', '/v1/events?a=1', 'given'],
    ['http://other.example:8080/v1/events?a=1', '/v1/events?a=1', 'other.example:8080'],
    ['HTTPS://other.example', '/', 'other.example'],
    ['http://other.example?a=1', '/?a=1', 'other.example'],
    ['*', '*', 'given'],
    ['ftp://other.example/', 'ftp://other.example/', 'given'],
  ])('%s is the path %s of the host %s', (url, path, host) => {
    const request = { url, headers: { host: 'given' } } as IncomingMessage
    expect([pathOf(request), request.headers.host]).toEqual([path, host])
  })
})

test.each([
  ['example.com', true],
  ['example.com:8080', true],
  ['example.com:', true],
  ['127.0.0.1:80', true],
  ['[::1]:8080', true],
  ['', true],
  ['a b', false],
  ['example.com:80a', false],
  ['user@example.com', false],
  ['example.com/path', false],
  ['[::1', false],
  ['a,b', true],
])('a Host of %j: %s', (value, expected) => {
  expect(isHost(value)).toBe(expected)
})
