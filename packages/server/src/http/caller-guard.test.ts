import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../core/credential/caller.ts'
import { AppError } from '../core/errors.ts'
import { guardRoutes, refuseOtherMethods } from './caller-guard.ts'

function refusing(app: FastifyInstance): FastifyInstance {
  app.setErrorHandler((error: AppError, _request, reply) =>
    reply.code(400).send({ code: error.code, detail: error.message }),
  )
  return app
}

describe('a guarded route', () => {
  function appOf(caller: Caller | AppError) {
    const asked: string[] = []
    const app = refusing(Fastify())
    guardRoutes(app, {
      authenticate: (request) => {
        asked.push(request.url)
        if (caller instanceof AppError) throw caller
        return caller
      },
    })
    app.get('/open', async () => 'open')
    app.get('/guarded', { config: { callers: ['operator', 'publisher'] } }, async ({ caller: by }) => by.kind)
    return { app, asked }
  }

  test('knows who calls, and takes those whom it is for', async () => {
    const { app } = appOf({ kind: 'publisher' })
    expect((await app.inject('/guarded')).body).toBe('publisher')
  })

  test('refuses other kinds by name, and whoever cannot be told', async () => {
    const portal = appOf({ kind: 'portal', keyId: 'key_1', integrationId: 'int_1' })
    expect((await portal.app.inject('/guarded')).json()).toMatchObject({
      ...{ code: 'forbidden', detail: expect.stringContaining('operator and publisher') },
    })
    const nobody = appOf(new AppError('unauthorized', 'no key'))
    expect((await nobody.app.inject('/guarded')).json()).toMatchObject({ code: 'unauthorized' })
  })

  test('asks for no key where none is needed', async () => {
    const { app, asked } = appOf(new AppError('unauthorized', 'no key'))
    expect((await app.inject('/open?token=x')).body).toBe('open')
    expect(asked).toEqual([])
  })

  test.each(['key', 'API_KEY', 'access_token', 'Authorization', 'secret'])(
    'refuses a credential in the URL before it looks at it: %s',
    async (name) => {
      const { app, asked } = appOf({ kind: 'operator' })
      expect((await app.inject(`/guarded?${name}=x`)).json()).toMatchObject({ code: 'malformed_request' })
      expect(asked).toEqual([])
      expect((await app.inject('/guarded?keys=x')).body).toBe('operator')
    },
  )
})

describe('a method that a path does not have', () => {
  async function startApp() {
    const app = refusing(Fastify({ exposeHeadRoutes: false }))
    refuseOtherMethods(app)
    app.get('/things', async () => 'got')
    app.post('/things', async () => 'made')
    app.get('/own', { config: { hasOwnFallback: true } }, async () => 'got')
    app.closeMethods()
    await app.ready()
    return app
  }

  test.each(['PUT', 'PATCH', 'DELETE'] as const)('%s is refused with those that it has', async (method) => {
    const app = await startApp()
    const answer = await app.inject({ method, url: '/things' })
    expect([answer.json().code, answer.headers.allow]).toEqual(['method_not_allowed', 'GET, HEAD, OPTIONS, POST'])
  })

  test('is told by OPTIONS, and those that it has are answered', async () => {
    const app = await startApp()
    const options = await app.inject({ method: 'OPTIONS', url: '/things' })
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
    expect((await app.inject({ method: 'POST', url: '/things' })).body).toBe('made')
  })

  test('is left to a scope that answers by itself', async () => {
    const app = await startApp()
    expect((await app.inject({ method: 'PUT', url: '/own' })).statusCode).toBe(404)
  })
})
