import { Type } from 'typebox'

const pairs = Type.Array(Type.Record(Type.String(), Type.Unknown()), {
  description: 'An ordered list of objects with one pair each.',
})

/** An event as it is published. The fields' exact rules are `core/event-input.ts`. */
export const eventInput = Type.Object(
  {
    tenantId: Type.Integer({ minimum: 1 }),
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
  { additionalProperties: false, $id: 'EventInput', title: 'EventInput' },
)

const publishedEvent = Type.Object({
  id: Type.String(),
  topic: Type.String(),
  offset: Type.String(),
  duplicate: Type.Boolean(),
})

export const publishBody = {
  body: {
    content: {
      'application/json': { schema: Type.Union([eventInput, Type.Array(eventInput, { maxItems: 1_000 })]) },
      'application/x-ndjson': { schema: Type.Unknown({ description: 'One event a line.' }) },
    },
  },
}

export const publishAnswer = {
  201: Type.Object({ events: Type.Array(publishedEvent) }),
}

/** An event as it is read. */
export const eventOutput = Type.Object(
  {
    type: Type.String(),
    timestamp: Type.String({ format: 'date-time' }),
    tenantId: Type.Integer(),
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
