import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { Caller } from '../../core/credential/caller.ts'
import { AppError } from '../../core/errors.ts'
import { type TenantId, tenantIdOfDigits } from '../../core/ids/tenant-id.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { createAccessToken, deleteAccessToken, listAccessTokens } from '../../registry/access-tokens.ts'
import { createApiKey, deleteApiKey, listApiKeys } from '../../registry/api-keys.ts'
import type { RequestInput } from '../../registry/faults.ts'
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
import { pageFields, pageOf } from '../schemas/page.ts'
import {
  accessToken,
  accessTokenInput,
  apiKey,
  apiKeyInput,
  clientSecretInput,
  integration,
  integrationInput,
  newAccessToken,
  newApiKey,
  newClientSecret,
  newIntegration,
  tenant,
  tenantChange,
  tenantInput,
} from '../schemas/registry.ts'

const operator: readonly Caller['kind'][] = ['operator']
const pageQuery = Type.Object(
  {
    ...pageFields,
  },
  { additionalProperties: false },
)
const id = Type.Object({ id: Type.String() })
const tokenParams = Type.Object({ id: Type.String(), tokenId: Type.String() })

interface RouteOptions {
  readonly status?: number
  readonly params?: TSchema
  /** As documented: the service that takes it checks every field. */
  readonly body?: TSchema
  /** Absent: the answer has no body. */
  readonly answer?: TSchema
  readonly isList?: boolean
}

/** Tenants, integrations, their access tokens, and keys: the operator's. The services check every field. */
export function registryRoutes(app: FastifyInstance, registry: Registry): void {
  const { directory } = registry
  const route = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    summary: string,
    { status = 200, params, body, answer, isList }: RouteOptions,
    run: (request: FastifyRequest) => unknown,
  ) => {
    app.route({
      method,
      url,
      config: { callers: operator, ...(body ? { describedBody: body } : {}) },
      serializerCompiler: () => (data) => jsonText(data),
      schema: {
        summary,
        tags: [tagOf(url)],
        ...(params ? { params } : {}),
        ...(isList ? { querystring: pageQuery } : {}),
        response: { [status]: answer ?? Type.Null() },
      },
      handler: async (request, reply) => {
        const result = await run(request)
        return answer ? reply.code(status).send(result) : reply.code(status).send()
      },
    })
  }

  const created = { status: 201 }
  const done = { status: 204 }
  route('POST', '/v1/tenants', 'Create a tenant', { ...created, body: tenantInput, answer: tenant }, (request) =>
    createTenant(registry, inputOf(request)),
  )
  route('GET', '/v1/tenants', 'List tenants', { isList: true, answer: pageOf(tenant) }, (request) =>
    listTenants(directory, pageRequest(request)),
  )
  route('GET', '/v1/tenants/:id', 'Read a tenant', { params: id, answer: tenant }, (request) =>
    requireTenant(directory, tenantId(request)),
  )
  route('PATCH', '/v1/tenants/:id', 'Change a tenant', { params: id, body: tenantChange, answer: tenant }, (request) =>
    changeTenant(registry, tenantId(request), inputOf(request)),
  )
  route('DELETE', '/v1/tenants/:id', 'Delete a tenant and its grants', { ...done, params: id }, (request) =>
    deleteTenant(registry, tenantId(request)),
  )

  route(
    'POST',
    '/v1/integrations',
    'Create an integration',
    { ...created, body: integrationInput, answer: newIntegration },
    (request) => createIntegration(registry, inputOf(request)),
  )
  route('GET', '/v1/integrations', 'List integrations', { isList: true, answer: pageOf(integration) }, (request) =>
    listIntegrations(directory, pageRequest(request)),
  )
  route('GET', '/v1/integrations/:id', 'Read an integration', { params: id, answer: integration }, (request) =>
    showIntegration(requireIntegration(directory, text(request, 'id'))),
  )
  route(
    'DELETE',
    '/v1/integrations/:id',
    'Delete an integration, its tokens and subscriptions',
    { ...done, params: id },
    (request) => deleteIntegration(registry, text(request, 'id')),
  )
  route(
    'POST',
    '/v1/integrations/:id/rotate-secret',
    'Replace the client secret',
    { params: id, body: clientSecretInput, answer: newClientSecret },
    (request) => rotateClientSecret(registry, text(request, 'id'), inputOf(request)),
  )
  route(
    'POST',
    '/v1/integrations/:id/tokens',
    'Grant a tenant',
    { ...created, params: id, body: accessTokenInput, answer: newAccessToken },
    (request) => createAccessToken(registry, text(request, 'id'), inputOf(request)),
  )
  route(
    'GET',
    '/v1/integrations/:id/tokens',
    'List access tokens',
    { isList: true, params: id, answer: pageOf(accessToken) },
    (request) => listAccessTokens(directory, text(request, 'id'), pageRequest(request)),
  )
  route(
    'DELETE',
    '/v1/integrations/:id/tokens/:tokenId',
    'Revoke an access token',
    { ...done, params: tokenParams },
    (request) => deleteAccessToken(registry, text(request, 'id'), text(request, 'tokenId')),
  )

  route('POST', '/v1/keys', 'Create a key', { ...created, body: apiKeyInput, answer: newApiKey }, (request) =>
    createApiKey(registry, inputOf(request)),
  )
  route('GET', '/v1/keys', 'List keys', { isList: true, answer: pageOf(apiKey) }, (request) =>
    listApiKeys(directory, pageRequest(request)),
  )
  route('DELETE', '/v1/keys/:id', 'Revoke a key', { ...done, params: id }, (request) =>
    deleteApiKey(registry, text(request, 'id')),
  )
}

/** `/v1/tenants/:id` is of Tenants. */
function tagOf(url: string): string {
  const collection = url.split('/')[2] ?? ''
  return `${collection.charAt(0).toUpperCase()}${collection.slice(1)}`
}

function inputOf(request: FastifyRequest): RequestInput {
  const { body } = request
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AppError('invalid_request', 'The body must be a JSON object.')
  }
  return body as RequestInput
}

function pageRequest(request: FastifyRequest): PageRequest {
  const { cursor, limit } = request.query as { cursor?: string; limit?: string }
  return { cursor, limit: limit === undefined ? undefined : Number(limit) }
}

function text(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? ''
}

function tenantId(request: FastifyRequest): TenantId {
  const id = tenantIdOfDigits(text(request, 'id'))
  if (id === undefined) throw new AppError('not_found', 'there is no such tenant')
  return id
}
