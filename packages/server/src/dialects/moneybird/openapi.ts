import {
  type DialectOpenApi,
  flag,
  integer,
  listOf,
  object,
  operationWriter,
  orNull,
  type Schema,
  schemaOf,
  text,
} from '../contract/openapi.ts'

const error = schemaOf('MoneybirdError')
const webhook = schemaOf('MoneybirdWebhook')

const webhookFields = {
  id: text,
  administration_id: text,
  url: text,
  enabled_events: listOf(text),
  last_http_status: orNull(integer),
  last_http_body: orNull(text),
  token: text,
  deactivated_at: orNull({ type: 'string', format: 'date-time' }),
}

const schemas: DialectOpenApi['schemas'] = {
  MoneybirdError: object({ error: text, symbolic: { type: 'object', additionalProperties: text } }, ['error']),
  MoneybirdAdministration: object({
    id: text,
    name: orNull(text),
    language: text,
    currency: text,
    country: text,
    time_zone: text,
    access: text,
    suspended: flag,
    period_locked_until: { type: 'null' },
    period_start_date: { type: 'string', format: 'date' },
  }),
  MoneybirdWebhook: object(webhookFields),
  MoneybirdNewWebhook: object({
    ...webhookFields,
    secret: { ...text, description: 'Verifies the signature of deliveries; shown this once.' },
  }),
}

const operation = operationWriter({
  tag: 'Dialect moneybird',
  security: ['moneybirdToken'],
  errors: {
    400: { description: 'The request has faults: `symbolic` names them', schema: error },
    401: { description: 'The access token is not valid', schema: error },
    403: { description: 'The access token may not do this', schema: error },
    404: { description: 'There is no such record', schema: error },
    408: { description: 'The request came too slowly', schema: error },
    409: { description: 'The webhook was changed meanwhile', schema: error },
    413: { description: 'The body is too large', schema: error },
    415: { description: 'The body is no JSON', schema: error },
    429: {
      description: 'More than 150 requests in 5 minutes; `Retry-After` is the time of the next window in epoch seconds',
      schema: text,
      type: 'text/plain',
    },
    500: { description: 'A failure of the server', schema: error },
    503: { description: 'Temporarily unavailable', schema: error },
  },
})

const path = (name: string, schema: Schema = text) => ({ name, in: 'path', schema }) as const
const administration = path('administration')
const ofWebhook = [administration, path('id')]
const changed = { 200: { description: 'The webhook', schema: webhook } }

/** Each of them is there with and without `.json`. */
const suffixed = {
  '/api/v2/administrations': {
    get: operation({
      summary: 'List administrations',
      answers: { 200: { description: 'Administrations', schema: listOf(schemaOf('MoneybirdAdministration')) } },
    }),
  },
  '/api/v2/{administration}/webhooks': {
    get: operation({
      summary: 'List webhooks',
      parameters: [administration],
      answers: { 200: { description: 'Webhooks', schema: listOf(webhook) } },
    }),
    post: operation({
      summary: 'Make a webhook',
      description: 'The URL is asked first, and must answer 200.',
      parameters: [administration],
      body: { schema: object({ url: text, enabled_events: listOf(text) }, ['url']) },
      answers: { 201: { description: 'The webhook, with its secret', schema: schemaOf('MoneybirdNewWebhook') } },
    }),
  },
  '/api/v2/{administration}/webhooks/{id}/activate': {
    patch: operation({ summary: 'Activate a webhook', parameters: ofWebhook, answers: changed }),
  },
  '/api/v2/{administration}/webhooks/{id}/deactivate': {
    patch: operation({ summary: 'Deactivate a webhook', parameters: ofWebhook, answers: changed }),
  },
}

export const moneybirdOpenApi: DialectOpenApi = {
  schemas,
  securitySchemes: {
    moneybirdToken: { type: 'http', scheme: 'bearer', description: "An integration's access token." },
  },
  paths: {
    ...Object.fromEntries(
      Object.entries(suffixed).flatMap(([url, methods]) => [
        [url, methods],
        [`${url}.json`, methods],
      ]),
    ),
    '/api/v2/{administration}/webhooks/{id}': {
      delete: operation({
        summary: 'Delete a webhook',
        description: '`.json` may follow the id.',
        parameters: ofWebhook,
        answers: { 204: { description: 'Deleted' } },
      }),
    },
  },
}
