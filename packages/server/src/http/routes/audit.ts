import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { decodeCursor, encodeCursor } from '../../core/cursor.ts'
import type { AuditLog } from '../../registry/audit-log.ts'
import { pageFields, pageOf } from '../schemas/page.ts'

const entry = Type.Object({
  at: Type.String({ description: 'RFC 3339.' }),
  by: Type.Object({
    kind: Type.String(),
    id: Type.Union([Type.String(), Type.Null()], {
      description: "Of the operator's key, `configured` for the one of the configuration, or of the integration.",
    }),
  }),
  address: Type.String(),
  request: Type.String({ description: "The method and the route's pattern." }),
  kind: Type.String(),
  id: Type.Union([Type.String(), Type.Null()]),
  action: Type.Union([
    Type.Literal('created'),
    Type.Literal('changed'),
    Type.Literal('deleted'),
    Type.Literal('requested'),
  ]),
})
const query = Type.Object(
  {
    ...pageFields,
  },
  { additionalProperties: false },
)

export function auditRoutes(app: FastifyInstance, audit: AuditLog): void {
  app.get('/v1/audit', {
    config: { callers: ['operator'] },
    schema: {
      summary: 'List administrative changes, newest first',
      description: 'Of the last 400 days, at most the last 100,000.',
      tags: ['Operation'],
      querystring: query,
      response: { 200: pageOf(entry) },
    },
    handler: async (request) => {
      const { cursor, limit = '100' } = request.query as { cursor?: string; limit?: string }
      const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(cursor, ['number'])
      const most = Number(limit)
      const found = await audit.page(Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(before)), most + 1)
      const items = found.slice(0, most).map(({ number: _number, ...rest }) => rest)
      return { items, next: found.length > most ? encodeCursor([found[most - 1]!.number]) : null }
    },
  })
}
