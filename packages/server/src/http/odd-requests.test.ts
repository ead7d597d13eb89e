import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { AppError } from '../core/errors.ts'
import { refuseConditions, refuseOddRequests } from './odd-requests.ts'

interface Given {
  readonly method?: string
  readonly url?: string
  readonly httpVersion?: string
  readonly headers?: readonly (readonly [string, string])[]
}

function requestOf({ method = 'GET', url = '/', httpVersion = '1.1', headers = [['Host', 'example.com']] }: Given) {
  const known = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))
  const raw = { rawHeaders: headers.flat(), headers: known, httpVersion, url }
  return { method, raw, headers: known } as unknown as FastifyRequest
}

function refusal(check: (request: FastifyRequest) => void, given: Given): string {
  try {
    check(requestOf(given))
    return 'taken'
  } catch (error) {
    return (error as AppError).code
  }
}
const host = ['Host', 'example.com'] as const
const many = (count: number) => Array.from({ length: count }, (_, index) => [`X-${index}`, ''] as const)

describe('a request', () => {
  test.each<[string, Given, string]>([
    ['as they all are', {}, 'taken'],
    ['with two hundred headers', { headers: [host, ...many(199)] }, 'taken'],
    ['with more', { headers: [host, ...many(200)] }, 'headers_too_large'],
    ['without a Host', { headers: [] }, 'malformed_request'],
    ['without a Host, of HTTP/1.0', { headers: [], httpVersion: '1.0' }, 'taken'],
    ['with two Hosts', { headers: [host, ['hOST', 'other']] }, 'malformed_request'],
    ['with two Hosts, of HTTP/1.0', { headers: [host, host], httpVersion: '1.0' }, 'malformed_request'],
    ['with a Host that is a URL', { headers: [['Host', 'http://a/']] }, 'malformed_request'],
    ['whose header’s value is called host', { headers: [host, ['X-A', 'host']] }, 'taken'],
    ['of a method that there is not', { method: 'PROPFIND' }, 'not_implemented'],
    ['in chunks', { headers: [host, ['Transfer-Encoding', ' Chunked ']] }, 'taken'],
    ['in another coding', { headers: [host, ['Transfer-Encoding', 'gzip, chunked']] }, 'not_implemented'],
    ['for another form of target', { url: 'ftp://example.com/' }, 'malformed_request'],
    ['without a target', { url: '' }, 'malformed_request'],
  ])('%s: %s', (_, given, expected) => {
    expect(refusal(refuseOddRequests, given)).toBe(expected)
  })
})

describe('a condition', () => {
  const on = (name: string, value: string, method = 'PATCH') =>
    refusal(refuseConditions, { method, headers: [host, [name, value]] })

  test.each([
    ['If-Match', '"tag"', 'PATCH', 'precondition_failed'],
    ['If-Match', '"tag"', 'GET', 'precondition_failed'],
    ['If-Match', ' * ', 'PATCH', 'taken'],
    ['If-Match', '"tag"', 'OPTIONS', 'taken'],
    ['If-None-Match', '*', 'PUT', 'precondition_failed'],
    ['If-None-Match', '*', 'GET', 'taken'],
    ['If-None-Match', '"tag"', 'PUT', 'taken'],
  ])('%s: %s of %s: %s', (name, value, method, expected) => {
    expect(on(name, value, method)).toBe(expected)
  })
})
