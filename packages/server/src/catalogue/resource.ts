import type { Catalogue } from './catalogue.ts'
import type { AttributeType, DataSchema, EventType } from './event-type.ts'

/** An event type as `GET /v1/event-types` shows it. */
export interface EventTypeResource {
  readonly type: string
  readonly topic: string
  readonly description: string
  readonly attributes: readonly { readonly name: string; readonly type: AttributeType }[]
  /** By dialect, spelled as on that wire. */
  readonly names: Readonly<Record<string, string>>
  readonly dataSchema?: DataSchema
}

export function eventTypeResource(catalogue: Catalogue, type: EventType): EventTypeResource {
  return {
    type: type.type,
    topic: type.topic,
    description: type.description,
    attributes: [...type.attributes].map(([name, attributeType]) => ({ name, type: attributeType })),
    names: catalogue.namesOf(type),
    ...(type.dataSchema && { dataSchema: type.dataSchema }),
  }
}
