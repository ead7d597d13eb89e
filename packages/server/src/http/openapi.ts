import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import type { TSchema } from 'typebox'
import type { Caller } from '../core/credential/caller.ts'
import { type ErrorCode, errorCodes } from '../core/errors.ts'
import type { DialectOpenApi } from '../dialects/contract/openapi.ts'
import { statusOf } from './problem.ts'
import { problem } from './schemas/problem.ts'
import { shownTenantId } from './schemas/tenant-id.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body as it is documented, where the route's own service checks it, and names every fault. */
    describedBody?: TSchema
    /** Refusals of this route beside those that its kind of route has. */
    refusals?: readonly ErrorCode[]
  }
}

type SchemasByName = Record<string, unknown>
type BodySchema = { type?: string; anyOf?: BodySchema[] }
type OperationSchema = {
  requestBody?: { required?: boolean; content: Record<string, { schema: BodySchema }> }
  responses: Record<string, { description: string }>
}

const description = `Tells other systems what changed. Publish each change once; it is kept in an ordered log, and
delivered by webhooks, streams and a feed, each able to go back in time.

Errors are problems (RFC 9457) with a \`code\`. Lists page by \`next\`, which goes back as \`?cursor=\`. Unknown fields
are refused. Numbers keep every digit, in requests and answers.`

const tags = [
  { name: 'Publishing', description: 'For the business application.' },
  { name: 'Reading', description: 'The log as a feed and as server-sent events.' },
  { name: 'Subscriptions', description: 'Webhooks: what goes where, and how.' },
  { name: 'Deliveries', description: 'What was sent, what came back, what is undelivered and why.' },
  { name: 'Event types', description: 'The catalogue.' },
  { name: 'Tenants' },
  { name: 'Integrations', description: "Integrators' applications, and the tenants that granted them." },
  { name: 'Keys' },
  { name: 'Sessions', description: 'For pages in a browser: signing in, and links that sign in.' },
  { name: 'Operation' },
]

const securitySchemes = {
  adminKey: { type: 'http', scheme: 'bearer', description: "The operator's key." },
  publisherKey: { type: 'http', scheme: 'bearer', description: "A publisher's key." },
  accessToken: { type: 'http', scheme: 'bearer', description: "An integration's access token: one tenant." },
  client: { type: 'http', scheme: 'basic', description: 'Client id and secret: all tenants that granted it.' },
  portalKey: {
    type: 'http',
    scheme: 'bearer',
    description: "A portal's key: looks after one integration's subscriptions.",
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-tidings',
    description: 'A session of the pages; it stands for the key that it was begun with.',
  },
} as const

const schemesOf: Record<Caller['kind'], readonly (keyof typeof securitySchemes)[]> = {
  operator: ['adminKey'],
  publisher: ['publisherKey'],
  integrator: ['accessToken', 'client'],
  portal: ['portalKey'],
}

export interface Described {
  readonly version: string
  readonly dialects: readonly { readonly openapi?: DialectOpenApi }[]
}

/** Makes `/openapi.json` from the schemas of all routes that are registered after it, and from what dialects say of theirs. */
export async function describeRoutes(app: FastifyInstance, { version, dialects }: Described): Promise<void> {
  const ofDialects = dialects.flatMap(({ openapi }) => openapi ?? [])
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tidings', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags,
      components: {
        securitySchemes: Object.assign({}, securitySchemes, ...ofDialects.map((dialect) => dialect.securitySchemes)),
      },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
    transformObject: (document) =>
      withDialects(finished((document as { openapiObject: SchemasByName }).openapiObject), ofDialects) as never,
  })
  app.get('/openapi.json', {
    schema: {
      summary: 'This document',
      tags: ['Operation'],
      response: { 200: { type: 'object', additionalProperties: true } },
    },
    serializerCompiler: () => (data) => data as string,
    handler: async (_request, reply) => {
      text ??= JSON.stringify(app.swagger())
      return reply.type('application/json').send(text)
    },
  })
  let text: string | undefined
}

/** Paths and shapes of the dialects' own contracts, beside the native ones. */
function withDialects(document: SchemasByName, dialects: readonly DialectOpenApi[]): SchemasByName {
  const components = document.components as { schemas: SchemasByName }
  return {
    ...document,
    paths: Object.assign({}, document.paths, ...dialects.map(({ paths }) => paths)),
    components: {
      ...components,
      schemas: Object.assign({}, components.schemas, ...dialects.map(({ schemas }) => schemas)),
    },
  }
}

function described(schema: FastifySchema | undefined, { config }: RouteOptions): FastifySchema {
  const { callers, describedBody } = config ?? {}
  const body = describedBody ?? schema?.body
  const response = {
    ...(schema?.response as SchemasByName),
    ...problemsOf(refusalsOf(schema, config, body !== undefined)),
  }
  return {
    ...schema,
    ...(body === undefined ? {} : { body }),
    response,
    security: callers
      ? [...callers.flatMap((kind) => schemesOf[kind]), 'session' as const].map((name) => ({ [name]: [] }))
      : [],
  } as FastifySchema
}

function refusalsOf(
  schema: FastifySchema | undefined,
  config: RouteOptions['config'],
  takesBody: boolean,
): ReadonlySet<ErrorCode> {
  return new Set<ErrorCode>([
    'malformed_request',
    'headers_too_large',
    'rate_limited',
    'internal',
    'shutting_down',
    ...(config?.callers
      ? (['unauthorized', 'forbidden', 'storage_unavailable', 'authority_unavailable'] as const)
      : []),
    ...(schema?.params ? (['not_found'] as const) : []),
    ...(schema?.querystring ? (['invalid_request'] as const) : []),
    ...(takesBody
      ? (['invalid_json', 'invalid_request', 'payload_too_large', 'request_timeout', 'unsupported_media_type'] as const)
      : []),
    ...(takesBody && !config?.wantsText ? (['conflict'] as const) : []),
    ...(config?.refusals ?? []),
  ])
}

function problemsOf(refusals: ReadonlySet<ErrorCode>): SchemasByName {
  const responses: SchemasByName = {}
  for (const status of new Set([...refusals].map((code) => statusOf[code]))) {
    const codes = errorCodes.filter((code) => statusOf[code] === status && refusals.has(code))
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      content: { 'application/problem+json': { schema: problem } },
    }
  }
  return responses
}

/** What the routes' own schemas cannot say: shared schemas by name, optional bodies, words for statuses. */
function finished(document: SchemasByName): SchemasByName {
  const shared: SchemasByName = {}
  const paths = hoisted(document.paths, shared) as Record<string, Record<string, OperationSchema>>
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations)) {
      makeBodyOptional(operation)
      for (const [status, response] of Object.entries(operation.responses)) {
        if (response.description === 'Default Response') response.description = successPhrases[status] ?? 'Done'
      }
    }
  }
  const components = document.components as SchemasByName
  return { ...document, paths, components: { ...components, schemas: shared } }
}

const successPhrases: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'Done; there is no body',
}

/** Schemas with a title become components, named by it. */
function hoisted(value: unknown, shared: SchemasByName): unknown {
  if (Array.isArray(value)) return value.map((item) => hoisted(item, shared))
  if (value === null || typeof value !== 'object') return value
  if ('tenantIdFrom' in value) return shownTenantId(value as never)
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hoisted(item, shared)]))
  const { title } = copy
  if (typeof title !== 'string' || !('type' in copy || 'anyOf' in copy)) return copy
  shared[title] = copy
  return { $ref: `#/components/schemas/${title}` }
}

/** A body that may be null may be left out. */
function makeBodyOptional({ requestBody }: OperationSchema): void {
  const media = requestBody?.content['application/json']
  if (!requestBody || !media?.schema.anyOf?.some(({ type }) => type === 'null')) return
  requestBody.required = false
  const others = media.schema.anyOf.filter(({ type }) => type !== 'null')
  media.schema = others.length === 1 ? others[0]! : { ...media.schema, anyOf: others }
}
