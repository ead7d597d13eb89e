import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { allowPages } from './cors.ts'

const page = 'https://app.example.com'

function appFor(...origins: string[]) {
  const app = Fastify()
  allowPages(app, origins)
  app.get('/feed', { config: { isForPages: true } }, async () => 'events')
  app.options('/feed', async (_request, reply) => reply.code(204).send())
  app.get('/admin', async () => 'secrets')
  const headersOf = async (url: string, headers: Record<string, string>, method: 'GET' | 'OPTIONS' = 'GET') => {
    const answer = await app.inject({ method, url, headers })
    return Object.fromEntries(
      Object.entries(answer.headers).filter(([name]) => name === 'vary' || name.startsWith('access-control-')),
    )
  }
  return { app, headersOf }
}

test('a page of an allowed origin may read what is for pages, and nothing else', async () => {
  const { headersOf } = appFor(page)
  expect(await headersOf('/feed', { origin: page })).toEqual({
    ...{ vary: 'Origin', 'access-control-allow-origin': page, 'access-control-expose-headers': 'Retry-After' },
  })
  expect(await headersOf('/admin', { origin: page })).toEqual({})
})

test.each([undefined, 'https://evil.example', 'https://app.example.com.evil.example', 'null', `${page}/`])(
  'a page of %s may read nothing, and no cache gives it another’s answer',
  async (origin) => {
    const { headersOf } = appFor(page)
    expect(await headersOf('/feed', origin === undefined ? {} : { origin })).toEqual({ vary: 'Origin' })
  },
)

test('a preflight is told what a page may send, an OPTIONS request of another kind is not', async () => {
  const { headersOf } = appFor(page)
  const preflight = { origin: page, 'access-control-request-method': 'GET' }
  expect(await headersOf('/feed', preflight, 'OPTIONS')).toMatchObject({
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': 'Authorization, Last-Event-ID',
    'access-control-max-age': '7200',
  })
  expect(await headersOf('/feed', { origin: page }, 'OPTIONS')).not.toHaveProperty('access-control-allow-methods')
  expect(await headersOf('/feed', preflight)).not.toHaveProperty('access-control-allow-methods')
  expect(await headersOf('/feed', { ...preflight, origin: 'https://evil.example' }, 'OPTIONS')).toEqual({
    vary: 'Origin',
  })
})

test('no cookies are ever asked for', async () => {
  const { headersOf } = appFor(page)
  const preflight = { origin: page, 'access-control-request-method': 'GET' }
  for (const method of ['GET', 'OPTIONS'] as const) {
    expect(await headersOf('/feed', preflight, method)).not.toHaveProperty('access-control-allow-credentials')
  }
})

test('without allowed origins nothing changes', async () => {
  const { headersOf } = appFor()
  expect(await headersOf('/feed', { origin: page })).toEqual({})
})
