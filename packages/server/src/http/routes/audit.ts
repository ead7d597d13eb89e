import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { decodeCursor, encodeCursor } from '../../core/ids/cursor.ts'
import { jsonText } from '../../core/json/json-text.ts'
import { type AuditEntry, type AuditLog, auditActions, auditActors } from '../../registry/audit-log.ts'
import { badQuery, tenantIn, timeIn } from '../reading.ts'
import { nullable, pageFields, pageOf } from '../schemas/page.ts'
import { tenantIdOutput } from '../schemas/tenant-id.ts'

const entry = Type.Object(
  {
    at: Type.String({ description: 'RFC 3339.' }),
    by: Type.Object({
      kind: Type.Union(auditActors.map((kind) => Type.Literal(kind))),
      id: nullable(
        Type.String({
          description: "Of the operator's key, `configured` for the one of the configuration, or of the integration.",
        }),
      ),
    }),
    address: Type.String(),
    request: Type.String({ description: "The method and the route's pattern." }),
    kind: Type.String({ description: 'What was changed, as `token`, or the collection of the request.' }),
    id: nullable(Type.String({ description: 'Of what was changed.' })),
    action: Type.Union(auditActions.map((action) => Type.Literal(action))),
    integrationId: nullable(Type.String({ description: 'The integration that it belongs to, or is.' })),
    tenantId: nullable(tenantIdOutput),
  },
  { title: 'AuditEntry' },
)
const given = (description: string) => Type.Optional(Type.String({ description }))
const query = Type.Object(
  {
    integration: given('Changes to what belongs to this integration, and changes that it made.'),
    tenant: given('Changes to this tenant, to its grants, and to subscriptions that are bound to it.'),
    kind: given('What was changed, as `token` or `subscription`.'),
    subject: given('The id of what was changed.'),
    action: given(`One of ${auditActions.join(', ')}.`),
    actor: given('Who changed it: a kind, as `operator`, or an id, as `key_…` or `int_…`.'),
    address: given('Where the request came from.'),
    since: given('RFC 3339.'),
    until: given('RFC 3339, exclusive.'),
    ...pageFields,
  },
  { additionalProperties: false },
)
type AuditQuery = { readonly [Name in keyof (typeof query)['properties']]?: string }

export function auditRoutes(app: FastifyInstance, audit: AuditLog): void {
  app.get('/v1/audit', {
    config: { callers: ['operator'] },
    serializerCompiler: () => (data) => jsonText(data),
    schema: {
      summary: 'List administrative changes, newest first',
      description:
        'Of the last 400 days, at most the last 100,000. A filtered page may be short, even empty, while `next` says that there is more.',
      tags: ['Operation'],
      querystring: query,
      response: { 200: pageOf(entry) },
    },
    handler: async (request) => {
      const asked = request.query as AuditQuery
      const { cursor, limit = '100', integration, kind, subject, actor, address } = asked
      const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(cursor, ['number'])
      const { entries, next } = await audit.page({
        before: Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(before)),
        limit: Number(limit),
        filter: {
          ...{ integration, kind, subject, actor, address },
          tenant: tenantIn(asked.tenant),
          action: asked.action === undefined ? undefined : actionIn(asked.action),
          sinceMs: timeIn('since', asked.since),
          untilMs: timeIn('until', asked.until),
        },
      })
      const items = entries.map(({ number: _number, ...shown }) => shown)
      return { items, next: next === null ? null : encodeCursor([next]) }
    },
  })
}

function actionIn(text: string): AuditEntry['action'] {
  const action = auditActions.find((known) => known === text)
  if (!action) throw badQuery('action', `The action is one of ${auditActions.join(', ')}.`)
  return action
}
