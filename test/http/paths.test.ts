import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersTo } from './raw.ts'
import { adminKey, nativeRoutes, type Route, startWorld, type World } from './world.ts'

let world: World
let routes: Route[]
beforeAll(async () => {
  world = await startWorld()
  routes = await nativeRoutes(world)
})
afterAll(() => world.close())

function request(method: string, path: string, ...headers: string[]): Promise<number | undefined> {
  const lines = ['Host: x', `Authorization: Bearer ${adminKey}`, 'Connection: close', ...headers]
  const bytes = `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
  return answersTo(world.port, bytes, method !== 'HEAD').then(([answer]) => answer?.status)
}

describe('H61 paths', () => {
  test.each([
    '/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/../../etc/passwd',
    '/docs/../../../package.json',
    '/docs/%2e%2e/%2e%2e/package.json',
    '/docs/%252e%252e/package.json',
    '//v1/tenants',
    '/v1//tenants',
    '/v1/tenants/',
    '/v1/tenants%00',
    '/v1/tenants;admin=true',
    '/v1/tenants.',
    '/v1/Tenants',
    '/V1/tenants',
    '/v1%2ftenants',
    '/v1%252ftenants',
    '/v1/./tenants',
    '/v1/x/../tenants',
    '/v1\\tenants',
    '/v1/tenants/%zz',
    '/v1/tenants/%c0%af',
    '/v1/topics/%2e%2e/events',
    '/v1/topics/invoices%00/events',
    '/v1/topics/INVOICES/events',
    '/.git/config',
  ])('%s', async (path) => {
    expect(await request('GET', path)).toBeOneOf([400, 404])
  })
})

describe('H63 methods', () => {
  test('every path says which methods it takes, and takes no other', async () => {
    const methodsOf = new Map<string, Set<string>>()
    for (const { method, path } of routes) methodsOf.set(path, (methodsOf.get(path) ?? new Set()).add(method))
    expect(methodsOf.size).toBeGreaterThan(20)
    const before = await state()
    for (const [path, methods] of methodsOf) {
      const url = path.replace(/\{\w+\}/g, '1')
      for (const method of ['TRACE', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET']) {
        if (methods.has(method) || (method === 'HEAD' && methods.has('GET'))) continue
        expect([method, path, await request(method, url, 'Content-Length: 0')]).toEqual([method, path, 405])
      }
      expect([path, await request('OPTIONS', url)]).toEqual([path, 204])
    }
    expect(await state()).toEqual(before)
  })

  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('%s changes nothing', async (header) => {
    expect(await request('GET', '/v1/tenants/101', `${header}: DELETE`)).toBe(200)
    expect(await request('POST', '/v1/tenants/101?_method=DELETE', `${header}: DELETE`, 'Content-Length: 0')).toBe(405)
    expect(await request('GET', '/v1/tenants/101')).toBe(200)
  })
})

async function state(): Promise<string[]> {
  const lists = ['/v1/tenants', '/v1/integrations', '/v1/keys', '/v1/subscriptions', '/v1/event-types']
  return Promise.all(lists.map(async (path) => (await world.operate('GET', path)).text))
}
