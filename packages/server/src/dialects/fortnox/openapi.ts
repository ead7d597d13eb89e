import { type DialectOpenApi, operationWriter, schemaOf, text } from '../contract/openapi.ts'

const refused = (description: string) => ({ description, schema: text, type: 'text/plain' })

const operation = operationWriter({
  tag: 'Dialect fortnox',
  security: [],
  errors: {
    400: refused('The handshake is faulty'),
    404: { description: 'No upgrade was asked for', schema: schemaOf('Problem'), type: 'application/problem+json' },
    405: refused('The method is not GET'),
    429: refused('Too many connections or handshakes'),
    503: refused('The server restarts: come back after `Retry-After`'),
  },
})

export const fortnoxOpenApi: DialectOpenApi = {
  schemas: {},
  securitySchemes: {},
  paths: {
    '/topics-v1': {
      get: operation({
        summary: 'Open the WebSocket',
        description: 'Its messages are in `/asyncapi.json`. Access tokens come with the command `add-tenants-v1`.',
        isOpen: true,
        parameters: ['Connection', 'Upgrade', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'].map((name) => ({
          name,
          in: 'header' as const,
          required: true,
          schema: text,
        })),
        answers: { 101: { description: 'The WebSocket is open' } },
      }),
    },
  },
}
