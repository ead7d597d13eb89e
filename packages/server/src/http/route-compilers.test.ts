import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { serializersOnFirstUse, validatorsOnFirstUse } from './route-compilers.ts'

function appWithCompilers() {
  const app = Fastify()
  app.setValidatorCompiler(validatorsOnFirstUse({ allErrors: true, coerceTypes: false }))
  app.setSerializerCompiler(serializersOnFirstUse())
  return app
}

/** A format that is not known makes compiling fail, so that it shows when that happens. */
const unknownFormat = { type: 'object', properties: { a: { type: 'string', format: 'no-such-format' } } }

test('a schema is compiled by the first request that needs it', async () => {
  const app = appWithCompilers()
  app.post('/broken', { schema: { body: unknownFormat } }, async () => 'never')
  app.post('/sound', { schema: { body: { type: 'object', required: ['a'] } } }, async () => 'taken')
  await app.ready()
  expect((await app.inject({ method: 'POST', url: '/sound', payload: { a: 1 } })).body).toBe('taken')
  const broken = await app.inject({ method: 'POST', url: '/broken', payload: { a: 'x' } })
  expect(broken.statusCode).toBe(500)
  expect(broken.body).toContain('no-such-format')
})

test('all faults of a body are told, on every request anew', async () => {
  const app = appWithCompilers()
  const body = { type: 'object', required: ['a', 'b'], properties: { a: { type: 'integer' } } }
  app.post('/', { schema: { body } }, async () => 'taken')
  app.setErrorHandler<{ validation?: unknown[] } & Error>((error, _request, reply) =>
    reply.code(422).send({ faults: error.validation?.length }),
  )
  const answerTo = async (payload: object) => (await app.inject({ method: 'POST', url: '/', payload })).body
  expect(await answerTo({ a: 'x' })).toBe('{"faults":2}')
  expect(await answerTo({ a: 1, b: 2 })).toBe('taken')
  expect(await answerTo({ a: 1 })).toBe('{"faults":1}')
})

test('an answer holds what its schema names', async () => {
  const app = appWithCompilers()
  const response = { 200: { type: 'object', properties: { shown: { type: 'integer' } } } }
  app.get('/', { schema: { response } }, async () => ({ shown: 1, hidden: 2 }))
  expect((await app.inject('/')).body).toBe('{"shown":1}')
})
