import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Resend } from '../../core/registry/registry.ts'
import type { BulkResends } from '../../registry/bulk-resends.ts'
import { ownerOf } from '../owner.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import { resend, resendView } from '../schemas/resend.ts'

const owners: readonly Caller['kind'][] = ['integrator', 'portal', 'operator']
const tags = ['Deliveries']
const idParams = Type.Object({ id: Type.String() })
const listQuery = Type.Object(
  {
    ...pageFields,
  },
  { additionalProperties: false },
)

/** Bulk resends, which the server runs on its own. */
export function resendRoutes(app: FastifyInstance, resends: BulkResends): void {
  const config = { callers: owners }
  const serializerCompiler = () => (data: unknown) => jsonText(data)

  app.get('/v1/resends', {
    config,
    serializerCompiler,
    schema: {
      summary: 'List bulk resends',
      description:
        'By creation. Of an integration the last 100 that have ended are kept, no longer than the retention.',
      tags,
      querystring: listQuery,
      response: { 200: pageOf(resend) },
    },
    handler: async (request) => {
      const { cursor, limit = '100' } = request.query as { cursor?: string; limit?: string }
      const page = resends.page(ownerOf(request), { cursor, limit: Number(limit) })
      return { items: page.items.map(view), next: page.next }
    },
  })

  app.get('/v1/resends/:id', {
    config,
    serializerCompiler,
    schema: { summary: 'How far a bulk resend is', tags, params: idParams, response: { 200: resend } },
    handler: async (request) => view(resends.get(ownerOf(request), idOf(request))),
  })

  app.post('/v1/resends/:id/cancel', {
    config,
    serializerCompiler,
    schema: {
      summary: 'End a bulk resend',
      description: 'Deliveries that are already queued stay queued. A resend that has ended stays as it is.',
      tags,
      params: idParams,
      body: Type.Optional(Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })])),
      response: { 200: resend },
    },
    handler: async (request) => {
      return view(await resends.cancel(ownerOf(request), idOf(request)))
    },
  })
}

function view(one: Resend): Record<string, unknown> {
  return resendView(one, one.status)
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}
