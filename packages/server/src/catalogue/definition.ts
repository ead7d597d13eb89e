import type { FieldError } from '../core/errors.ts'
import { isEventType } from '../core/event/event-type-pattern.ts'
import { pointerTo } from '../core/json/json-pointer.ts'
import { checkDataSchema } from './data-schema.ts'
import { type AttributeType, attributeTypes, type EventTypeDefinition } from './event-type.ts'

export type DefinitionResult =
  | { readonly kind: 'valid'; readonly definition: EventTypeDefinition }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }

const fields = ['type', 'topic', 'description', 'attributes', 'names', 'details', 'dataSchema']
const topicGrammar = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const attributeGrammar = /^[a-zA-Z][a-zA-Z0-9_]*$/
/** Printable ASCII, no space at either end: a name stands in headers, queries and lists. */
const nameGrammar = /^[!-~](?:[ -~]*[!-~])?$/
/** Attributes stand beside these on the wire of a dialect with flat events. */
const reservedAttributes = new Set(['topic', 'offset', 'type', 'tenantId', 'entityId', 'timestamp'])
const limits = { topic: 100, description: 1_000, attributes: 32, attribute: 64, name: 255, detailsBytes: 16_384 }

/**
 * Checks what an operator says of an event type, given as plain JSON values; every fault at once,
 * pointers relative to it. Whether a name is taken, only the catalogue can say (`Catalogue.with`).
 *
 * @param dialects the dialects there are; any name of a dialect is let through when it is absent
 */
export function readDefinition(input: unknown, dialects?: ReadonlySet<string>): DefinitionResult {
  if (!isObject(input)) return { kind: 'invalid', errors: [mistyped('', 'an event type is an object')] }
  const errors: FieldError[] = []
  for (const field of Object.keys(input)) {
    if (!fields.includes(field))
      errors.push({
        pointer: pointerTo('', field),
        code: 'unknown_field',
        detail: `There is no such field; there are ${fields.join(', ')}.`,
      })
  }
  const { type, topic, description, attributes, names, details, dataSchema } = input
  if (type === undefined) errors.push({ pointer: '/type', code: 'required', detail: 'An event type needs its `type`.' })
  else if (typeof type !== 'string' || !isEventType(type))
    errors.push(invalid('/type', 'a type is `entity.action`, as `invoice.updated`, up to 255 characters'))
  if (topic !== undefined && (typeof topic !== 'string' || topic.length > limits.topic || !topicGrammar.test(topic)))
    errors.push(invalid('/topic', 'a topic is lower-case words joined by `-`, up to 100 characters'))
  if (description !== undefined && (typeof description !== 'string' || description.length > limits.description))
    errors.push(invalid('/description', 'a description is a text of up to 1,000 characters'))
  if (attributes !== undefined) errors.push(...attributeErrors(attributes))
  if (names !== undefined) errors.push(...nameErrors(names, dialects))
  if (details !== undefined) errors.push(...detailsErrors(details, dialects))
  if (dataSchema !== undefined && dataSchema !== null)
    for (const error of checkDataSchema(dataSchema)) errors.push({ ...error, pointer: `/dataSchema${error.pointer}` })
  if (errors.length > 0) return { kind: 'invalid', errors }
  return { kind: 'valid', definition: input as unknown as EventTypeDefinition }
}

function attributeErrors(attributes: unknown): FieldError[] {
  if (!Array.isArray(attributes) || attributes.length > limits.attributes)
    return [mistyped('/attributes', 'attributes are a list of up to 32 of `{name, type}`')]
  const seen = new Set<unknown>()
  return attributes.flatMap((attribute: unknown, index) => {
    const pointer = `/attributes/${index}`
    if (!isObject(attribute)) return [mistyped(pointer, 'an attribute is `{name, type}`')]
    const errors: FieldError[] = []
    const { name, type, ...rest } = attribute
    for (const field of Object.keys(rest))
      errors.push({
        pointer: pointerTo(pointer, field),
        code: 'unknown_field',
        detail: 'An attribute is `{name, type}`.',
      })
    if (typeof name !== 'string' || name.length > limits.attribute || !attributeGrammar.test(name))
      errors.push(invalid(`${pointer}/name`, 'a name is a letter, then letters, digits or `_`, up to 64 characters'))
    else if (reservedAttributes.has(name))
      errors.push(invalid(`${pointer}/name`, `every event has a field \`${name}\` already; choose another name`))
    else if (seen.has(name)) errors.push(invalid(`${pointer}/name`, 'an attribute occurs once'))
    seen.add(name)
    if (!attributeTypes.includes(type as AttributeType))
      errors.push(invalid(`${pointer}/type`, `a type is one of ${attributeTypes.join(', ')}`))
    return errors
  })
}

function nameErrors(names: unknown, dialects: ReadonlySet<string> | undefined): FieldError[] {
  if (!isObject(names)) return [mistyped('/names', 'names are an object, from dialect to name')]
  return Object.entries(names).flatMap(([dialect, name]) => {
    const pointer = pointerTo('/names', dialect)
    if (dialects && !dialects.has(dialect)) return [unknownDialect(pointer, dialects)]
    if (name === null) return []
    if (typeof name === 'string' && name.length <= limits.name && nameGrammar.test(name)) return []
    return [invalid(pointer, 'a name is 1 to 255 printable ASCII characters, or null for none')]
  })
}

function detailsErrors(details: unknown, dialects: ReadonlySet<string> | undefined): FieldError[] {
  if (!isObject(details)) return [mistyped('/details', 'details are an object, from dialect to object')]
  return Object.entries(details).flatMap(([dialect, value]) => {
    const pointer = pointerTo('/details', dialect)
    if (dialects && !dialects.has(dialect)) return [unknownDialect(pointer, dialects)]
    if (value === null) return []
    if (!isObject(value)) return [mistyped(pointer, 'the details of a dialect are an object, or null for none')]
    if (JSON.stringify(value).length <= limits.detailsBytes) return []
    return [invalid(pointer, 'the details of a dialect are at most 16,384 characters of JSON')]
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownDialect(pointer: string, dialects: ReadonlySet<string>): FieldError {
  const names = [...dialects].sort().join(', ')
  return { pointer, code: 'unknown_dialect', detail: `There is no such dialect; types have names in ${names}.` }
}

function invalid(pointer: string, rule: string): FieldError {
  return { pointer, code: 'invalid_value', detail: sentence(rule) }
}

function mistyped(pointer: string, rule: string): FieldError {
  return { pointer, code: 'invalid_type', detail: sentence(rule) }
}

function sentence(rule: string): string {
  return `${rule[0]?.toUpperCase()}${rule.slice(1)}.`
}
