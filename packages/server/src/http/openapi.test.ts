import Fastify from 'fastify'
import { Type } from 'typebox'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeRoutes } from './openapi.ts'

// biome-ignore lint/suspicious/noExplicitAny: its shape is what the test is about.
let document: any

beforeAll(async () => {
  const app = Fastify()
  const thing = Type.Object({ id: Type.String() }, { title: 'Thing' })
  const own = { '/own': { get: { responses: {} } } }
  const dialect = { paths: own, schemas: { Own: { type: 'object' } }, securitySchemes: { own: { type: 'http' } } }
  await describeRoutes(app, { version: '1.2.3', dialects: [{ openapi: dialect as never }, {}] })
  app.get('/open', { schema: { response: { 200: thing } } }, async () => ({ id: 'a' }))
  app.get(
    '/things/:id',
    {
      config: { callers: ['operator', 'integrator'], refusals: ['overloaded'] },
      schema: { params: Type.Object({ id: Type.String() }), response: { 202: thing } },
    },
    async () => ({ id: 'a' }),
  )
  app.post(
    '/things',
    { config: { callers: ['operator'] }, schema: { body: Type.Union([Type.Null(), thing]) } },
    async () => 'made',
  )
  const either = Type.Union([thing, Type.Array(thing)])
  app.patch('/things', { config: { callers: ['operator'] }, schema: { body: either } }, async () => 'changed')
  const described = Type.Object({ name: Type.String() }, { title: 'NewThing' })
  app.put(
    '/things',
    { config: { callers: ['operator'], describedBody: described, wantsText: true } },
    async () => 'put',
  )
  await app.ready()
  document = (await app.inject('/openapi.json')).json()
})

test('it is of the version that runs, and holds what dialects say of their own', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } })
  expect(document.paths['/own']).toBeDefined()
  expect([document.components.schemas.Own, document.components.securitySchemes.own]).toEqual([
    { type: 'object' },
    { type: 'http' },
  ])
  expect(document.components.securitySchemes.adminKey).toBeDefined()
})

test('a schema with a title is told once, and referred to', () => {
  const schemaOf = (path: string, status: number) =>
    document.paths[path].get.responses[status].content['application/json'].schema
  expect(schemaOf('/open', 200)).toEqual({ $ref: '#/components/schemas/Thing' })
  expect(schemaOf('/things/{id}', 202)).toEqual({ $ref: '#/components/schemas/Thing' })
  expect(document.components.schemas.Thing).toMatchObject({ type: 'object', properties: { id: { type: 'string' } } })
})

test('who may call is told by the ways in which they say who they are', () => {
  expect(document.paths['/open'].get.security).toEqual([])
  expect(document.paths['/things/{id}'].get.security).toEqual(
    ['adminKey', 'accessToken', 'client', 'session'].map((scheme) => ({ [scheme]: [] })),
  )
})

test('statuses are told in words', () => {
  expect(document.paths['/open'].get.responses['200'].description).toBe('OK')
  expect(document.paths['/things/{id}'].get.responses['202'].description).toBe('Accepted')
})

describe('refusals', () => {
  const codes = (path: string, method: string) =>
    Object.values(document.paths[path][method].responses as Record<string, { description: string }>)
      .flatMap(({ description }) => [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code!))
      .sort()

  test('are those of a route’s kind', () => {
    const everywhere = ['headers_too_large', 'internal', 'malformed_request', 'rate_limited', 'shutting_down']
    expect(codes('/open', 'get')).toEqual(everywhere)
    const guarded = [...everywhere, 'unauthorized', 'forbidden', 'storage_unavailable', 'authority_unavailable']
    expect(codes('/things/{id}', 'get')).toEqual([...guarded, 'not_found', 'overloaded'].sort())
    const withBody = [
      'invalid_json',
      'invalid_request',
      'payload_too_large',
      'request_timeout',
      'unsupported_media_type',
    ]
    expect(codes('/things', 'post')).toEqual([...guarded, ...withBody, 'conflict'].sort())
    expect(codes('/things', 'put')).toEqual([...guarded, ...withBody].sort())
  })

  test('of one status stand together', () => {
    expect(document.paths['/things'].post.responses['503'].description).toMatch(
      /`storage_unavailable`.*`shutting_down`/,
    )
  })
})

test('a body that may be null may be left out; one that the route’s own service checks is told all the same', () => {
  const { requestBody } = document.paths['/things'].post
  expect(requestBody).toMatchObject({
    ...{ required: false, content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
  })
  expect(document.paths['/things'].patch.requestBody).toMatchObject({ required: true })
  const put = document.paths['/things'].put.requestBody
  expect(put.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/NewThing' })
})
