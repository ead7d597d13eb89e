import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Caller, owns } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { jsonText } from '../../core/json/json-text.ts'
import type { Resend } from '../../core/registry/registry.ts'
import { pageOf as pageOfList } from '../../registry/page.ts'
import { ownerOf } from '../owner.ts'
import { pageFields, pageOf } from '../schemas/page.ts'
import { resend, resendView } from '../schemas/resend.ts'

export interface ResendRoutesDeps {
  readonly get: (id: string) => Resend | undefined
  /** By id, which is by creation. */
  readonly page: (integrationId: string | undefined, after: string | undefined, limit: number) => readonly Resend[]
  /** A failure ended it, though its record does not say so. */
  readonly isInterrupted: (id: string) => boolean
  readonly cancel: (id: string) => Promise<Resend | undefined>
}

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
export function resendRoutes(app: FastifyInstance, deps: ResendRoutesDeps): void {
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
      const owner = ownerOf(request)
      const page = pageOfList(
        { cursor, limit: Number(limit) },
        {
          key: 'string',
          read: (after, most) =>
            owner.kind === 'operator'
              ? deps.page(undefined, after, most)
              : deps
                  .page(owner.integrationId, after, Number.MAX_SAFE_INTEGER)
                  .filter((one) => owns(owner, one))
                  .slice(0, most),
          keyOf: ({ id }) => id,
        },
      )
      return { items: page.items.map(view), next: page.next }
    },
  })

  app.get('/v1/resends/:id', {
    config,
    serializerCompiler,
    schema: { summary: 'How far a bulk resend is', tags, params: idParams, response: { 200: resend } },
    handler: async (request) => view(found(request)),
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
      const { id } = found(request)
      return view((await deps.cancel(id)) ?? found(request))
    },
  })

  function found(request: FastifyRequest): Resend {
    const one = deps.get((request.params as { id: string }).id)
    if (one && owns(ownerOf(request), one)) return one
    throw new AppError('not_found', 'There is no resend with this id, or it is older than the retention.')
  }

  function view(one: Resend): Record<string, unknown> {
    return resendView(one, one.status === 'running' && deps.isInterrupted(one.id) ? 'interrupted' : one.status)
  }
}
