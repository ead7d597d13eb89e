import {
  type DialectOpenApi,
  flag,
  integer,
  listOf,
  object,
  operationWriter,
  schemaOf,
  text,
} from '../contract/openapi.ts'

const error = schemaOf('FakturowniaError')
const webhook = schemaOf('FakturowniaWebhook')

const given = object(
  {
    kind: { ...text, description: 'The event, as `invoice:create`.' },
    url: text,
    api_token: { ...text, description: "The receiver's: it comes back with each delivery." },
    active: flag,
    method: { type: 'string', enum: ['POST', 'GET'], description: 'An addition of Tidings; default `POST`.' },
  },
  [],
)

const schemas: DialectOpenApi['schemas'] = {
  FakturowniaError: object({
    code: { const: 'error' },
    message: {
      description: 'A text, or the texts of each attribute that is at fault.',
      anyOf: [text, { type: 'object', additionalProperties: listOf(text) }],
    },
  }),
  FakturowniaWebhook: object(
    {
      id: integer,
      kind: text,
      account_id: integer,
      url: text,
      api_token: text,
      active: flag,
      method: { const: 'GET' },
      created_at: { type: 'string', format: 'date-time' },
      updated_at: { type: 'string', format: 'date-time' },
    },
    ['id', 'kind', 'account_id', 'url', 'api_token', 'active', 'created_at', 'updated_at'],
  ),
  FakturowniaAttributes: {
    description: 'Flat, or under `webhook`. Unknown names are left out.',
    anyOf: [object({ webhook: given }), given],
  },
}

const operation = operationWriter({
  tag: 'Dialect fakturownia',
  security: ['fakturowniaToken', 'fakturowniaBearer'],
  errors: {
    400: { description: 'The request cannot be read', schema: error },
    401: { description: 'The `api_token` is not valid', schema: error },
    404: { description: 'There is no such webhook', schema: error },
    408: { description: 'The request came too slowly', schema: error },
    409: { description: 'The webhook was changed meanwhile', schema: error },
    413: { description: 'The body is too large', schema: error },
    415: { description: 'The body is neither JSON nor a form', schema: error },
    422: { description: 'Attributes are at fault', schema: error },
    429: { description: 'Too many requests', schema: error },
    500: { description: 'A failure of the server', schema: error },
    503: { description: 'Temporarily unavailable', schema: error },
  },
})

const body = {
  schema: schemaOf('FakturowniaAttributes'),
  types: ['application/json', 'application/x-www-form-urlencoded'],
} as const
const id = { name: 'id', in: 'path', schema: integer } as const
const one = { description: 'The webhook', schema: webhook }
const count = (name: string, description: string) => ({ name, in: 'query', description, schema: integer }) as const

export const fakturowniaOpenApi: DialectOpenApi = {
  schemas,
  securitySchemes: {
    fakturowniaToken: {
      type: 'apiKey',
      in: 'query',
      name: 'api_token',
      description: "An integration's access token; it may stand in the body instead.",
    },
    fakturowniaBearer: { type: 'http', scheme: 'bearer', description: "An integration's access token." },
  },
  paths: {
    '/webhooks.json': {
      get: operation({
        summary: 'List webhooks',
        parameters: [count('page', 'From 1.'), count('per_page', '1 to 100; default 25.')],
        answers: { 200: { description: 'Webhooks', schema: listOf(webhook) } },
      }),
      post: operation({ summary: 'Make a webhook', body, answers: { 201: one } }),
    },
    '/webhooks/{id}.json': {
      get: operation({ summary: 'Read a webhook', parameters: [id], answers: { 200: one } }),
      put: operation({ summary: 'Change a webhook', parameters: [id], body, answers: { 200: one } }),
      delete: operation({
        summary: 'Delete a webhook',
        parameters: [id],
        answers: { 204: { description: 'Deleted' } },
      }),
    },
  },
}
