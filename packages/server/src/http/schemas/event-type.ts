import { Type } from 'typebox'
import { attributeTypes } from '../../catalogue/event-type.ts'
import { nullable } from './page.ts'

const attributes = Type.Array(
  Type.Object({ name: Type.String(), type: Type.Union(attributeTypes.map((name) => Type.Literal(name))) }),
  { description: 'Additional fields that its events may carry.' },
)
const dataSchema = Type.Record(Type.String(), Type.Unknown(), {
  description: "JSON Schema 2020-12 of an event's `data`, checked when it is published.",
})
const example = {
  type: 'project.archived',
  topic: 'projects',
  description: 'A project was put away.',
  attributes: [{ name: 'projectNumber', type: 'string' }],
  names: { fortnox: 'project-archived-v1' },
}

export const eventType = Type.Object(
  {
    type: Type.String(),
    topic: Type.String(),
    description: Type.String(),
    attributes,
    names: Type.Record(Type.String(), Type.String(), { description: 'By dialect, spelled as on that wire.' }),
    dataSchema: Type.Optional(dataSchema),
  },
  { title: 'EventType', examples: [example] },
)

const definition = {
  topic: Type.Optional(Type.String({ description: 'Required for a new type.' })),
  description: Type.Optional(Type.String({ maxLength: 1_000 })),
  attributes: Type.Optional(attributes),
  names: Type.Optional(
    Type.Record(Type.String(), nullable(Type.String()), { description: 'By dialect; null takes a name away.' }),
  ),
  details: Type.Optional(
    Type.Record(Type.String(), nullable(Type.Record(Type.String(), Type.Unknown())), {
      description: 'What only that dialect reads of the type.',
    }),
  ),
  dataSchema: Type.Optional(nullable(dataSchema)),
}

export const eventTypeInput = Type.Object(
  { type: Type.String({ description: '`entity.action`.' }), ...definition },
  { additionalProperties: false, title: 'EventTypeInput', examples: [example] },
)
export const eventTypeChange = Type.Object(
  { type: Type.Optional(Type.String({ description: 'The one of the path.' })), ...definition },
  {
    additionalProperties: false,
    title: 'EventTypeChange',
    examples: [{ topic: 'projects', description: 'A project was put away.' }],
  },
)
