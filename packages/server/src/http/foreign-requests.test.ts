import type { FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { refuseForeign, requireSafeOrigin, requireSessionHeader } from './foreign-requests.ts'

interface Given {
  readonly method?: string
  readonly origin?: string
  readonly site?: string
  readonly host?: string
}
function requestOf({ method = 'POST', origin, site, host = 'Tidings.example.com' }: Given, more: object = {}) {
  const headers = { ...(origin && { origin }), ...(site && { 'sec-fetch-site': site }), ...more }
  return { method, headers, host, hostname: host.split(':')[0] } as unknown as FastifyRequest
}
const isTaken = (check: () => void): boolean => {
  try {
    check()
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden' })
    return false
  }
}
const own = 'https://tidings.example.com'
const evil = 'https://evil.example'

describe('a request is taken as one of our own pages', () => {
  test.each<[string, Given, boolean]>([
    ['by a program, which says nothing', {}, true],
    ['from a page of ours', { origin: own, site: 'same-origin' }, true],
    ['from a page of ours, by an older browser', { origin: own }, true],
    ['from another site', { origin: evil, site: 'cross-site' }, false],
    ['from another site, by an older browser', { origin: evil }, false],
    ['from another host of our domain', { origin: own, site: 'same-site' }, false],
    ['from a page that hides its origin', { origin: 'null' }, false],
    ['from another port', { origin: `${own}:8443`, site: 'same-origin' }, false],
    ['by an address that the user typed', { method: 'GET', site: 'none' }, true],
    ['by a form that nobody’s page holds', { site: 'none' }, false],
    ['by an image of another site', { method: 'GET', site: 'cross-site' }, false],
  ])('%s: %s', (_, given, expected) => {
    expect(isTaken(() => refuseForeign(requestOf(given), ''))).toBe(expected)
  })

  test('by the address that browsers use, behind a proxy that changes Host', () => {
    const request = requestOf({ origin: own, site: 'same-origin', host: '10.0.0.1:8080' })
    expect(isTaken(() => refuseForeign(request, own))).toBe(true)
    expect(isTaken(() => refuseForeign(request, ''))).toBe(false)
  })
})

test.each([
  ['GET', {}, true],
  ['POST', {}, false],
  ['DELETE', { 'x-tidings-session': 'yes' }, false],
  ['DELETE', { 'x-tidings-session': '1' }, true],
])('%s with %j by a session is taken: %s', (method, more, expected) => {
  expect(isTaken(() => requireSessionHeader(requestOf({ method }, more)))).toBe(expected)
})

test.each([
  [undefined, 'tidings.example.com', true],
  [own, 'tidings.example.com', true],
  ['http://tidings.example.com', 'tidings.example.com', false],
  ['http://localhost:8080', 'localhost:8080', true],
  ['http://127.0.0.1:8080', '127.0.0.1:8080', true],
])('a session from %s on %s is kept by the browser: %s', (origin, host, expected) => {
  expect(isTaken(() => requireSafeOrigin(requestOf({ ...(origin && { origin }), host })))).toBe(expected)
})
