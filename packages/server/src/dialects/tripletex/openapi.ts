import {
  type DialectOpenApi,
  integer,
  listOf,
  object,
  operationWriter,
  orNull,
  type Schema,
  schemaOf,
  text,
} from '../contract/openapi.ts'
import { tripletexStatuses } from './subscription-view.ts'

const error = schemaOf('TripletexError')
const reference = object({ id: integer, url: text })
const wrapped = (schema: Schema) => object({ value: schema })
const pageOf = (schema: Schema) =>
  object({ fullResultSize: integer, from: integer, count: integer, versionDigest: text, values: listOf(schema) })

const schemas: DialectOpenApi['schemas'] = {
  TripletexError: object({
    status: integer,
    code: orNull(integer),
    message: text,
    link: { type: 'null' },
    developerMessage: orNull(text),
    validationMessages: orNull(
      listOf(object({ field: text, message: text, path: orNull(text), rootId: { type: 'null' } })),
    ),
    requestId: text,
  }),
  TripletexEventType: object({
    name: text,
    description: text,
    payloadModel: orNull(text),
    examples: listOf({ type: 'object' }),
  }),
  TripletexSubscription: {
    // `fields` of the query chooses among them.
    ...object(
      {
        id: integer,
        version: integer,
        url: text,
        event: text,
        targetUrl: text,
        fields: orNull(text),
        status: { type: 'string', enum: [...tripletexStatuses] },
        authHeaderName: orNull(text),
      },
      [],
    ),
    description: 'What is write-only (`authHeaderValue`, `hmacSharedSecret`) is never shown.',
  },
  TripletexSubscriptionInput: object(
    {
      id: orNull(integer),
      version: orNull(integer),
      event: orNull(text),
      targetUrl: orNull(text),
      fields: orNull(text),
      status: orNull({ type: 'string', enum: [...tripletexStatuses] }),
      authHeaderName: orNull(text),
      authHeaderValue: orNull(text),
      hmacSharedSecret: orNull(text),
    },
    [],
  ),
  TripletexSession: object({
    id: integer,
    version: integer,
    url: text,
    consumerToken: reference,
    employeeToken: reference,
    expirationDate: { type: 'string', format: 'date' },
    token: { ...text, description: 'The password of the Basic credential.' },
    encryptionKey: { type: 'null' },
  }),
  TripletexWhoAmI: object({
    employeeId: integer,
    employee: reference,
    actualEmployeeId: integer,
    companyId: integer,
    company: reference,
    language: text,
  }),
  TripletexCompany: object({ id: integer, version: integer, url: text, name: text }, []),
}

const operation = operationWriter({
  tag: 'Dialect tripletex',
  security: ['tripletexSession'],
  errors: {
    400: { description: 'Code 4000 (bad request, wrong method) or 11000 (`fields`)', schema: error },
    401: { description: 'Code 3000: no live session', schema: error },
    404: { description: 'Code 6000: there is no such object', schema: error },
    408: { description: 'The request came too slowly', schema: error },
    409: { description: 'Code 8000: it was changed meanwhile', schema: error },
    413: { description: 'The request is too large', schema: error },
    422: { description: 'Code 15000, 16000, 17000, 18000 or 22000: faults, one by one', schema: error },
    429: { description: 'Too many requests', schema: error },
    500: { description: 'Code 1000', schema: error },
    503: { description: 'Try again after `Retry-After`', schema: error },
  },
})

const query = (name: string, description: string, schema: Schema = text, required = false) =>
  ({ name, in: 'query', description, schema, required }) as const
const path = (name: string, schema: Schema) => ({ name, in: 'path', schema }) as const
const fields = query('fields', 'Which fields are shown, as `*,event`.')
const listQuery = [
  query('from', 'The first one, from 0.', integer),
  query('count', 'How many; default 1,000.', integer),
  query('sorting', 'As `event,-id`.'),
  fields,
  {
    name: 'If-None-Match',
    in: 'header',
    description: 'An earlier `versionDigest`; any other asks for one.',
    schema: text,
  },
] as const
const notChanged = { description: 'Nothing has changed' }
const gone = { description: 'Deleted' }

const subscription = schemaOf('TripletexSubscription')
const input = schemaOf('TripletexSubscriptionInput')
const one = { description: 'The subscription', schema: wrapped(subscription) }
const several = { description: 'The subscriptions', schema: pageOf(subscription) }
const session = (description: string) => ({ description, schema: wrapped(schemaOf('TripletexSession')) })
const wantedNames = ['consumerToken', 'employeeToken', 'expirationDate'] as const

export const tripletexOpenApi: DialectOpenApi = {
  schemas,
  securitySchemes: {
    tripletexSession: {
      type: 'http',
      scheme: 'basic',
      description: 'Username: `0`, or the id of a company. Password: the token of a session.',
    },
  },
  paths: {
    '/v2/event': {
      get: operation({
        summary: 'The events there are',
        isOpen: true,
        answers: {
          200: {
            description: 'By name',
            schema: wrapped({
              type: 'object',
              additionalProperties: object({ description: text, payloadModel: text }, ['description']),
            }),
          },
        },
      }),
    },
    '/v2/event/{eventType}': {
      get: operation({
        summary: 'One event, with an example',
        parameters: [path('eventType', text)],
        answers: { 200: { description: 'The event', schema: wrapped(schemaOf('TripletexEventType')) } },
      }),
    },
    '/v2/event/subscription': {
      get: operation({
        summary: 'List subscriptions',
        parameters: listQuery,
        answers: { 200: several, 304: notChanged },
      }),
      post: operation({ summary: 'Subscribe', body: { schema: input }, answers: { 201: one } }),
    },
    '/v2/event/subscription/list': {
      post: operation({
        summary: 'Make several subscriptions, or none',
        body: { schema: listOf(input) },
        answers: { 201: several },
      }),
      put: operation({
        summary: 'Change several subscriptions, or none',
        body: { schema: listOf(input) },
        answers: { 200: several },
      }),
      delete: operation({
        summary: 'Delete several subscriptions, or none',
        parameters: [query('ids', 'With commas between them.', text, true)],
        answers: { 204: gone },
      }),
    },
    '/v2/event/subscription/{id}': {
      get: operation({
        summary: 'Read a subscription',
        parameters: [path('id', integer), fields],
        answers: { 200: one },
      }),
      put: operation({
        summary: 'Change a subscription',
        parameters: [path('id', integer)],
        body: { schema: input },
        answers: { 200: one },
      }),
      delete: operation({
        summary: 'Delete a subscription',
        parameters: [path('id', integer)],
        answers: { 204: gone },
      }),
    },
    '/v2/token/session/:create': {
      put: operation({
        summary: 'Begin a session',
        isOpen: true,
        parameters: wantedNames.map((name) => query(name, '', text, true)),
        answers: { 200: session('The session') },
      }),
      post: operation({
        summary: 'Begin a session, with the tokens in the body',
        isOpen: true,
        body: { schema: object(Object.fromEntries(wantedNames.map((name) => [name, text]))) },
        answers: { 201: session('The session') },
      }),
    },
    '/v2/token/session/>whoAmI': {
      get: operation({
        summary: 'Who the session is for',
        answers: { 200: { description: 'Employee and company', schema: wrapped(schemaOf('TripletexWhoAmI')) } },
      }),
    },
    '/v2/token/session/{token}': {
      delete: operation({ summary: 'End a session', parameters: [path('token', text)], answers: { 204: gone } }),
    },
    '/v2/company/>withLoginAccess': {
      get: operation({
        summary: "The companies below the session's own",
        parameters: listQuery,
        answers: { 200: { description: 'Companies', schema: pageOf(schemaOf('TripletexCompany')) }, 304: notChanged },
      }),
    },
  },
}
