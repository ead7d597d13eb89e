import type { FieldError } from '../core/errors.ts'
import type { JsonNode } from '../core/json/json.ts'

export const attributeTypes = ['string', 'number', 'boolean'] as const
export type AttributeType = (typeof attributeTypes)[number]

/** A JSON Schema of draft 2020-12, within the rules of `data-schema.ts`. */
export type DataSchema = Readonly<Record<string, unknown>>

/** What only one dialect reads of a type: its own words for the entity, its models. Plain JSON. */
export type DialectDetails = Readonly<Record<string, unknown>>

/** One type of the catalogue, complete. */
export interface EventType {
  /** `entity.action`. */
  readonly type: string
  /** Where its events stand; the same in every dialect, so that an offset is too. */
  readonly topic: string
  readonly description: string
  /** The attributes that an event may carry, in this order; none is required. */
  readonly attributes: ReadonlyMap<string, AttributeType>
  /** Its name in each dialect that has it, spelled as on that wire. */
  readonly names: ReadonlyMap<string, string>
  readonly details: ReadonlyMap<string, DialectDetails>
  readonly dataSchema: DataSchema | null
  /** Faults of an event's `data` by `dataSchema`, pointers relative to `data`. Absent without a schema. */
  readonly validateData?: (data: JsonNode) => FieldError[]
}

/**
 * What an operator says of a type; plain JSON. For a type that the catalogue has already, what is
 * left out stays as it is: `attributes` and `dataSchema` are replaced whole, `names` and `details`
 * dialect by dialect, and null takes away.
 */
export interface EventTypeDefinition {
  readonly type: string
  /** Required for a new type. */
  readonly topic?: string
  readonly description?: string
  readonly attributes?: readonly { readonly name: string; readonly type: AttributeType }[]
  readonly names?: Readonly<Record<string, string | null>>
  readonly details?: Readonly<Record<string, DialectDetails | null>>
  readonly dataSchema?: DataSchema | null
}

/** The entity of `entity.action`. */
export function entityOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}
