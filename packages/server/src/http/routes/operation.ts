import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../../core/errors.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { UnknownTenant } from '../../publish/unknown-tenants.ts'
import type { Readiness } from '../readiness.ts'
import { tenantIdOutput } from '../schemas/tenant-id.ts'

const unknownTenant = Type.Object(
  {
    tenantId: tenantIdOutput,
    events: Type.Integer(),
    firstAt: Type.String({ format: 'date-time' }),
    lastAt: Type.String({ format: 'date-time' }),
  },
  { title: 'UnknownTenant' },
)

export interface MetricsText {
  read(): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface UnknownTenantList {
  /** For whom events were published before they were created, the one seen first at the front. */
  list(): readonly UnknownTenant[]
}

export interface StoreBackup {
  /** Copies the store while it is in use into a directory that is made for it. */
  backup(directory: string): Promise<void>
}

export interface OperationRoutesDeps {
  readonly readiness: Pick<Readiness, 'check'>
  readonly metrics: MetricsText
  readonly unknownTenants: UnknownTenantList
  readonly store: StoreBackup
}

const tags = ['Operation']
const liveness = Type.Object({ status: Type.Literal('ok') })
const readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not ready')]),
  checks: Type.Record(Type.String(), Type.Boolean()),
})

export function operationRoutes(app: FastifyInstance, deps: OperationRoutesDeps): void {
  app.get('/livez', {
    schema: { summary: 'The process runs', tags, response: { 200: liveness } },
    handler: async () => ({ status: 'ok' }),
  })
  app.get('/readyz', {
    schema: { summary: 'The server takes requests', tags, response: { 200: readiness, 503: readiness } },
    handler: async (_request, reply) => {
      const { ready, checks } = await deps.readiness.check()
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks })
    },
  })
  app.get('/metrics', {
    schema: {
      summary: 'Prometheus metrics',
      tags,
      response: { 200: { description: 'OK', content: { 'text/plain': { schema: Type.String() } } } },
    },
    handler: async (_request, reply) => {
      const { contentType, text } = await deps.metrics.read()
      return reply.type(contentType).send(text)
    },
  })
  app.get('/v1/unknown-tenants', {
    config: { callers: ['operator'] },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'List tenants that have events and do not exist',
      description:
        'Publishers have sent events for these tenant ids since this server started, and no tenant has been created with them. At most 1,000. A tenant leaves the list when it is created.',
      tags,
      response: { 200: Type.Object({ items: Type.Array(unknownTenant) }) },
    },
    handler: async () => ({
      items: deps.unknownTenants.list().map(({ tenantId, events, firstAtMs, lastAtMs }) => ({
        tenantId,
        events,
        firstAt: formatRfc3339(firstAtMs),
        lastAt: formatRfc3339(lastAtMs),
      })),
    }),
  })
  const backupBody = Type.Object(
    { directory: Type.String({ minLength: 1, maxLength: 4_096 }) },
    { additionalProperties: false },
  )
  app.post('/v1/backup', {
    config: { callers: ['operator'] },
    schema: {
      summary: 'Copy the store while it is in use',
      description: 'Into a new directory of the machine that the server runs on.',
      tags,
      body: backupBody,
      response: { 201: backupBody },
    },
    handler: async (request, reply) => {
      const { directory } = request.body as { directory: string }
      if (directory.includes('\0')) throw new AppError('invalid_request', 'This is not the name of a directory.')
      await deps.store.backup(directory)
      return reply.code(201).send({ directory })
    },
  })
}
