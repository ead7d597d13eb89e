import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import { createAccessToken, deleteAccessToken, listAccessTokens } from '../../registry/access-tokens.ts'
import { createApiKey, deleteApiKey, listApiKeys } from '../../registry/api-keys.ts'
import type { Caller } from '../../registry/caller.ts'
import type { Input } from '../../registry/faults.ts'
import {
  createIntegration,
  deleteIntegration,
  listIntegrations,
  requireIntegration,
  rotateClientSecret,
  showIntegration,
} from '../../registry/integrations.ts'
import type { PageRequest } from '../../registry/page.ts'
import type { Registry } from '../../registry/registry.ts'
import { changeTenant, createTenant, deleteTenant, listTenants, requireTenant } from '../../registry/tenants.ts'

const operator: readonly Caller['kind'][] = ['operator']
const object = Type.Object({}, { additionalProperties: true })
const page = Type.Object({ items: Type.Array(object), next: Type.Union([Type.String(), Type.Null()]) })
const pageQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]\\d?|[1-4]\\d\\d|500)$', description: '1 to 500; default 100.' }),
    ),
  },
  { additionalProperties: false },
)
const id = Type.Object({ id: Type.String() })
const tenantBody = Type.Object(
  { id: Type.Integer({ minimum: 1 }), name: Type.Optional(Type.String()), parentId: Type.Optional(Type.Unknown()) },
  { additionalProperties: true, title: 'Tenant' },
)

/** Tenants, integrations, their access tokens, and keys: the operator's. The services check every field. */
export function registryRoutes(app: FastifyInstance, registry: Registry): void {
  const { directory } = registry
  const route = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    summary: string,
    options: { status?: number; params?: object; body?: object; isList?: boolean; tag: string },
    run: (request: FastifyRequest) => unknown,
  ) => {
    const status = options.status ?? 200
    app.route({
      method,
      url,
      config: { callers: operator },
      serializerCompiler: () => (data) => JSON.stringify(data),
      schema: {
        summary,
        tags: [options.tag],
        ...(options.params ? { params: options.params } : {}),
        ...(options.body ? { body: options.body } : {}),
        ...(options.isList ? { querystring: pageQuery } : {}),
        response: { [status]: status === 204 ? Type.Null() : options.isList ? page : object },
      },
      handler: async (request, reply) => {
        const result = await run(request)
        return status === 204 ? reply.code(204).send() : reply.code(status).send(result)
      },
    })
  }

  const tag = 'Tenants'
  route('POST', '/v1/tenants', 'Create a tenant', { status: 201, body: tenantBody, tag }, (request) =>
    createTenant(registry, inputOf(request)),
  )
  route('GET', '/v1/tenants', 'List tenants', { isList: true, tag }, (request) =>
    listTenants(directory, pageRequest(request)),
  )
  route('GET', '/v1/tenants/:id', 'Read a tenant', { params: id, tag }, (request) =>
    requireTenant(directory, tenantId(request)),
  )
  route('PATCH', '/v1/tenants/:id', 'Change a tenant', { params: id, body: object, tag }, (request) =>
    changeTenant(registry, tenantId(request), inputOf(request)),
  )
  route('DELETE', '/v1/tenants/:id', 'Delete a tenant and its grants', { status: 204, params: id, tag }, (request) =>
    deleteTenant(registry, tenantId(request)),
  )

  const ofIntegrations = 'Integrations'
  route(
    'POST',
    '/v1/integrations',
    'Create an integration',
    { status: 201, body: object, tag: ofIntegrations },
    (request) => createIntegration(registry, inputOf(request)),
  )
  route('GET', '/v1/integrations', 'List integrations', { isList: true, tag: ofIntegrations }, (request) =>
    listIntegrations(directory, pageRequest(request)),
  )
  route('GET', '/v1/integrations/:id', 'Read an integration', { params: id, tag: ofIntegrations }, (request) =>
    showIntegration(requireIntegration(directory, text(request, 'id'))),
  )
  route(
    'DELETE',
    '/v1/integrations/:id',
    'Delete an integration, its tokens and subscriptions',
    { status: 204, params: id, tag: ofIntegrations },
    (request) => deleteIntegration(registry, text(request, 'id')),
  )
  route(
    'POST',
    '/v1/integrations/:id/rotate-secret',
    'Replace the client secret',
    { params: id, tag: ofIntegrations },
    (request) => rotateClientSecret(registry, text(request, 'id'), inputOf(request)),
  )
  route(
    'POST',
    '/v1/integrations/:id/tokens',
    'Grant a tenant',
    { status: 201, params: id, body: object, tag: ofIntegrations },
    (request) => createAccessToken(registry, text(request, 'id'), inputOf(request)),
  )
  route(
    'GET',
    '/v1/integrations/:id/tokens',
    'List access tokens',
    { isList: true, params: id, tag: ofIntegrations },
    (request) => listAccessTokens(directory, text(request, 'id'), pageRequest(request)),
  )
  const tokenParams = Type.Object({ id: Type.String(), tokenId: Type.String() })
  route(
    'DELETE',
    '/v1/integrations/:id/tokens/:tokenId',
    'Revoke an access token',
    { status: 204, params: tokenParams, tag: ofIntegrations },
    (request) => deleteAccessToken(registry, text(request, 'id'), text(request, 'tokenId')),
  )

  const ofKeys = 'Keys'
  route('POST', '/v1/keys', 'Create a key', { status: 201, body: object, tag: ofKeys }, (request) =>
    createApiKey(registry, inputOf(request)),
  )
  route('GET', '/v1/keys', 'List keys', { isList: true, tag: ofKeys }, (request) =>
    listApiKeys(directory, pageRequest(request)),
  )
  route('DELETE', '/v1/keys/:id', 'Revoke a key', { status: 204, params: id, tag: ofKeys }, (request) =>
    deleteApiKey(registry, text(request, 'id')),
  )
}

function inputOf(request: FastifyRequest): Input {
  const { body } = request
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AppError('invalid_request', 'The body must be a JSON object.')
  }
  return body as Input
}

function pageRequest(request: FastifyRequest): PageRequest {
  const { cursor, limit } = request.query as { cursor?: string; limit?: string }
  return { cursor, limit: limit === undefined ? undefined : Number(limit) }
}

function text(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? ''
}

function tenantId(request: FastifyRequest): number {
  const value = text(request, 'id')
  if (!/^[1-9]\d{0,15}$/.test(value)) throw new AppError('not_found', 'there is no such tenant')
  return Number(value)
}
