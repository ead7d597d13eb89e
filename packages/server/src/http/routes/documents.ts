import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type AsyncApiInput, asyncApiDocument } from '../asyncapi.ts'
import type { AsyncApi } from '../docs/channels.ts'
import type { OpenApi } from '../docs/operations.ts'
import { pagePolicy, referencePage } from '../docs/reference-page.ts'

const tags = ['Operation']

/** For programs (RFC 8631): where the interface is described. */
const descriptions =
  '</openapi.json>; rel="service-desc"; type="application/json", </docs>; rel="service-doc"; type="text/html"'

/** Whoever opens the server's address in a browser comes to its pages. */
export function rootRoute(app: FastifyInstance): void {
  app.get('/', {
    schema: { hide: true } as object,
    handler: async (_request, reply) => reply.header('link', descriptions).redirect('/ui/'),
  })
}

/** The other documents beside `/openapi.json`; both are made anew, because the catalogue changes. */
export function documentRoutes(app: FastifyInstance, input: () => AsyncApiInput): void {
  app.get('/asyncapi.json', {
    schema: {
      summary: 'Streams and webhooks as an AsyncAPI document',
      tags,
      response: { 200: Type.Object({}, { additionalProperties: true }) },
    },
    serializerCompiler: () => (data) => JSON.stringify(data),
    handler: async () => asyncApiDocument(input()),
  })
  app.get('/docs', {
    schema: {
      summary: 'The reference as a page',
      tags,
      response: { 200: { description: 'OK', content: { 'text/html': { schema: Type.String() } } } },
    },
    handler: async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', pagePolicy)
        .send(referencePage(app.swagger() as unknown as OpenApi, asyncApiDocument(input()) as unknown as AsyncApi)),
  })
}
