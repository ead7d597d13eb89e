import type { StoredEvent } from '../event/event.ts'
import { eventFields, eventNode } from '../event/event-fields.ts'
import { type JsonObject, materialize, member } from '../json/json.ts'
import type { FilterValue, ScalarNode, ValueTest } from './filter-operators.ts'

export type FilteredEvent = Pick<StoredEvent, 'topic' | 'tenantId' | 'type' | 'head' | 'tail'>

/** A field of the event, then names within it. */
export type FieldPath = readonly string[]

/** What each field of an event is, and so what may be asked of it. */
export const fieldKinds = {
  type: ['string'],
  topic: ['string'],
  tenantId: ['number'],
  timestamp: ['string'],
  time: ['string'],
  entityId: ['string'],
  id: ['string'],
  version: ['number', 'string'],
  state: ['string'],
  actor: ['string'],
  data: 'nested',
  attributes: 'nested',
  keys: 'nested',
  changed: 'nested',
} as const satisfies Record<string, 'nested' | readonly ScalarNode['kind'][]>
export type FieldName = keyof typeof fieldKinds
const isFieldName = (name: string): name is FieldName => Object.hasOwn(fieldKinds, name)

/** Why there can be no such field; undefined when there can. */
export function pathFault(path: FieldPath): string | undefined {
  const [name = '', ...rest] = path
  if (!isFieldName(name)) return 'An event has no such field.'
  if (path.includes('')) return 'A name in the path is empty.'
  if (rest.length > 0 && fieldKinds[name] !== 'nested') return `\`${name}\` has no fields within it.`
  return undefined
}

/** Whether a value of the field passes, or, where it is a list, one of its items. */
export function someValue(path: FieldPath, test: ValueTest): (event: FilteredEvent) => boolean {
  const testItems: ValueTest = (value) =>
    value.kind === 'array' ? materialize(value).items.some(testItems) : test(value)
  return (event) => someNode(event, path, testItems)
}

/** Whether something stands at the path and passes; lists on the way fan out. */
export function someNode(event: FilteredEvent, path: FieldPath, test: ValueTest): boolean {
  const root = fieldValue(event, path[0] as FieldName)
  return root !== undefined && someNodeWithin(root, path, 1, test)
}

function someNodeWithin(value: FilterValue, path: FieldPath, at: number, test: ValueTest): boolean {
  if (at === path.length) return test(value)
  if (value.kind === 'array') return materialize(value).items.some((item) => someNodeWithin(item, path, at, test))
  if (value.kind !== 'object') return false
  const inner = member(materialize(value as JsonObject), path[at]!)
  return inner !== undefined && someNodeWithin(inner, path, at + 1, test)
}

function fieldValue(event: FilteredEvent, name: FieldName): FilterValue | undefined {
  switch (name) {
    case 'type':
    case 'topic':
      return { kind: 'string', value: event[name] }
    case 'tenantId':
      return { kind: 'number', text: String(event.tenantId) }
    case 'timestamp':
    case 'time':
      return { kind: 'string', value: eventFields(event).time }
    case 'entityId':
    case 'id':
    case 'state':
    case 'actor': {
      const value = eventFields(event)[name]
      return value === null ? undefined : { kind: 'string', value }
    }
    case 'version':
    case 'data':
    case 'attributes':
    case 'keys':
    case 'changed':
      return eventNode(event, name)
  }
  name satisfies never
}
