import { Type } from 'typebox'
import { tenantIdOutput } from './tenant-id.ts'

const pairs = Type.Array(Type.Record(Type.String(), Type.Unknown()), {
  description: 'An ordered list of objects with one pair each.',
})

/** An event as it is published. The fields' exact rules are `core/event-input.ts`. */
export const eventInput = Type.Object(
  {
    tenantId: tenantIdOutput,
    type: Type.String({ description: '`entity.action`, in the catalogue.', examples: ['invoice.updated'] }),
    entityId: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    keys: Type.Optional(pairs),
    id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'Your own: a repeat is the same event, not a second one.',
      }),
    ),
    time: Type.Optional(Type.String({ format: 'date-time' })),
    actor: Type.Optional(Type.String()),
    version: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String()])),
    state: Type.Optional(Type.String()),
    attributes: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    changed: Type.Optional(pairs),
    quiet: Type.Optional(Type.Boolean({ description: 'Raises no webhooks: the loop guard of two-way sync.' })),
  },
  {
    additionalProperties: false,
    title: 'EventInput',
    examples: [
      {
        tenantId: 29302,
        type: 'invoice.updated',
        entityId: '3817',
        id: 'inv-3817-v12',
        time: '2017-12-28T14:59:16.500+01:00',
        version: 12,
        data: { id: 3817, total: 1250.5 },
      },
    ],
  },
)

const publishedEvent = Type.Object(
  {
    id: Type.String(),
    topic: Type.String(),
    offset: Type.String(),
    duplicate: Type.Boolean({ description: 'It was published before; `offset` is the first one.' }),
    tenantKnown: Type.Optional(
      Type.Literal(false, {
        description: 'No tenant with this id has been created yet, so no webhook is sent. Absent for a known tenant.',
      }),
    ),
  },
  {
    title: 'PublishedEvent',
    examples: [{ id: 'inv-3817-v12', topic: 'invoices', offset: '0Kd3fJ2mXq', duplicate: false }],
  },
)

export const publishBody = {
  body: {
    content: {
      'application/json': { schema: Type.Union([eventInput, Type.Array(eventInput, { maxItems: 1_000 })]) },
      'application/x-ndjson': { schema: eventInput },
    },
  },
}

const fault = Type.Object({ pointer: Type.String(), code: Type.String(), detail: Type.String() })
const publishedLine = Type.Union(
  [
    publishedEvent,
    Type.Object({
      error: Type.Object({ code: Type.String(), detail: Type.String(), errors: Type.Optional(Type.Array(fault)) }),
    }),
  ],
  { title: 'PublishedLine' },
)

export const publishAnswer = {
  200: {
    description: 'A line per event, in order, each as soon as it is durable: what became of it, or its faults.',
    content: { 'application/x-ndjson': { schema: publishedLine } },
  },
  201: Type.Object({ events: Type.Array(publishedEvent) }),
}

/** An event as it is read. */
export const eventOutput = Type.Object(
  {
    type: Type.String(),
    timestamp: Type.String({ format: 'date-time' }),
    tenantId: tenantIdOutput,
    entityId: Type.Optional(Type.String()),
    keys: Type.Optional(pairs),
    topic: Type.String(),
    offset: Type.String(),
    id: Type.String(),
    version: Type.Optional(Type.Unknown()),
    state: Type.Optional(Type.String()),
    actor: Type.Optional(Type.String()),
    attributes: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    changed: Type.Optional(pairs),
  },
  { title: 'Event' },
)

export const topicOutput = Type.Object(
  {
    topic: Type.String(),
    earliest: Type.String({ description: 'The position before the first event that is kept.' }),
    latest: Type.String(),
  },
  { title: 'Topic' },
)
