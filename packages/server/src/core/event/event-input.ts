import { hash } from 'node:crypto'
import type { FieldError } from '../errors.ts'
import { type TenantId, tenantIdOfDigits, tenantIdRule } from '../ids/tenant-id.ts'
import { type JsonNode, type JsonObject, materialize } from '../json/json.ts'
import { parseRfc3339 } from '../time/time.ts'
import type { NewEvent } from './event.ts'
import { EventFaults } from './event-faults.ts'
import { tailOrder } from './event-fields.ts'
import { isEventType } from './event-type-pattern.ts'

/** What the catalogue says of one type, as far as publishing an event of it goes. */
export interface EventTypeRules {
  readonly topic: string
  /** The additional fields that events of the type may carry. */
  readonly attributes: ReadonlyMap<string, 'string' | 'number' | 'boolean'>
  /** The faults of an event's `data`, their pointers relative to it. */
  readonly validateData?: ((data: JsonNode) => readonly FieldError[]) | undefined
}

export interface ReadEventContext {
  /** Where the event stands in the request: `/0`, or empty when it is the whole of it. */
  readonly pointer: string
  readonly typeOf: (type: string) => EventTypeRules | undefined
  /** RFC 3339: the timestamp of an event that gives no `time`. */
  readonly nowText: string
  /** The id of an event that gives none. */
  readonly newId: () => string
  /** Whether events of the tenant are taken; absent: of every tenant. */
  readonly takesTenant?: (tenantId: TenantId) => boolean
}

export type ReadEventResult =
  | { readonly ok: true; readonly event: NewEvent }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Of an event's canonical text, in bytes of UTF-8. */
export const maxEventBytes = 256 * 1024

// Also the order in which the fingerprint takes them.
const fieldNames = [
  'tenantId',
  'type',
  'entityId',
  'keys',
  'time',
  'id',
  'actor',
  'version',
  'state',
  'attributes',
  'data',
  'changed',
  'quiet',
] as const
type EventFieldName = (typeof fieldNames)[number]
type GivenFields = { readonly [Name in EventFieldName]?: JsonNode }

const isFieldName = (key: string): key is EventFieldName => (fieldNames as readonly string[]).includes(key)

/**
 * One published event, checked by every rule of the table "The event" of the design, with all its
 * faults at once. The node may be opaque, and so may its members (`materializeDepth` 1 suits an
 * event by itself, 2 an array of them).
 */
export function readEvent(node: JsonNode, context: ReadEventContext): ReadEventResult {
  const faults = new EventFaults(context.pointer)
  if (node.kind !== 'object') {
    faults.add([], 'invalid_type', 'An event must be a JSON object.')
    return { ok: false, errors: faults.found }
  }
  const isLarge = isTooLarge(node.text)
  if (isLarge) faults.add([], 'too_large', `An event may have ${maxEventBytes} bytes.`)
  const given = takeFields(materialize(node, 1), faults)

  const tenantId = readTenantId(given.tenantId, faults)
  if (tenantId !== undefined && context.takesTenant?.(tenantId) === false) {
    faults.add(
      ['tenantId'],
      'unknown_tenant',
      'There is no such tenant. Create it first, then publish the event again.',
    )
  }
  const type = readType(given.type, faults)
  const rules = type === undefined ? undefined : context.typeOf(type)
  if (type !== undefined && !rules) {
    faults.add(['type'], 'unknown_type', 'The catalogue has no such event type.')
  }
  const entityKey = readEntityKey(given, faults)
  const time = given.time && readTime(given.time, faults)
  const id = given.id && readId(given.id, faults)
  if (given.actor) faults.string('actor', given.actor, 1, 255)
  if (given.state) faults.string('state', given.state, 1, 255)
  if (given.version) checkVersion(given.version, faults)
  if (given.attributes) checkAttributes(given.attributes, rules, faults)
  if (given.data && !isLarge) checkData(given.data, rules, faults)
  if (given.changed) checkPairs('changed', given.changed, faults)
  if (given.quiet && given.quiet.kind !== 'boolean') {
    faults.add(['quiet'], 'invalid_type', '`quiet` must be true or false.')
  }

  if (faults.found.length > 0 || tenantId === undefined || type === undefined || !rules || entityKey === undefined) {
    return { ok: false, errors: faults.found }
  }
  const eventId = id ?? context.newId()
  return {
    ok: true,
    event: {
      topic: rules.topic,
      tenantId,
      type: detach(type),
      entityKey: detach(entityKey),
      isQuiet: given.quiet?.kind === 'boolean' && given.quiet.value,
      id: id === undefined ? eventId : detach(id),
      fingerprint: id === undefined ? undefined : fingerprintOf(given),
      head: headText(type, time ?? context.nowText, given),
      tail: tailText(eventId, given),
    },
  }
}

/**
 * A copy. These live on as keys of maps, and a part of a string keeps the whole request alive that
 * it was cut from.
 */
function detach(text: string): string {
  return Buffer.from(text).toString()
}

function isTooLarge(text: string): boolean {
  if (text.length > maxEventBytes) return true
  // A UTF-16 unit takes at most three bytes, so most events need no count.
  return text.length * 3 > maxEventBytes && Buffer.byteLength(text) > maxEventBytes
}

function takeFields(event: JsonObject, faults: EventFaults): GivenFields {
  const given: { [Name in EventFieldName]?: JsonNode } = {}
  for (const { key, value } of event.members) {
    if (isFieldName(key)) given[key] = value
    else faults.add([key], 'unknown_field', 'An event has no such field.')
  }
  return given
}

function readTenantId(node: JsonNode | undefined, faults: EventFaults): TenantId | undefined {
  if (!node) return faults.add(['tenantId'], 'required', '`tenantId` is missing.')
  if (node.kind !== 'number') return faults.add(['tenantId'], 'invalid_type', '`tenantId` must be a number.')
  return (
    tenantIdOfDigits(node.text) ?? faults.add(['tenantId'], 'out_of_range', `\`tenantId\` must be ${tenantIdRule}.`)
  )
}

function readType(node: JsonNode | undefined, faults: EventFaults): string | undefined {
  if (!node) return faults.add(['type'], 'required', '`type` is missing.')
  const type = faults.string('type', node, 1, 255)
  if (type === undefined || isEventType(type)) return type
  return faults.add(['type'], 'invalid_format', '`type` must be `entity.action`, as `invoice.updated`.')
}

function readEntityKey({ entityId, keys }: GivenFields, faults: EventFaults): string | undefined {
  if (entityId && keys) return faults.add(['keys'], 'conflict', 'Give either `entityId` or `keys`.')
  if (entityId) return faults.string('entityId', entityId, 1, 255)
  if (!keys) return faults.add(['entityId'], 'required', '`entityId` is missing (or `keys`, for a composite key).')
  checkPairs('keys', keys, faults)
  const { text } = keys
  return text.length <= maxKeysLength
    ? text
    : faults.add(['keys'], 'invalid_length', `\`keys\` may have ${maxKeysLength} characters of JSON.`)
}

// The composite key is part of the rows of waiting deliveries and of their indexes.
const maxKeysLength = 1_000
const maxPairs = 1_000

/** Checks an ordered list of one-pair objects, as `[{"OrderNo":3},{"LineNo":1}]`. */
function checkPairs(name: 'keys' | 'changed', node: JsonNode, faults: EventFaults): void {
  if (node.kind !== 'array') {
    faults.add([name], 'invalid_type', `\`${name}\` must be a list of objects with one pair each.`)
    return
  }
  const { items } = materialize(node, 2)
  if (items.length > maxPairs || (name === 'keys' && items.length === 0)) {
    faults.add([name], 'invalid_length', `\`${name}\` must have ${name === 'keys' ? 1 : 0} to ${maxPairs} pairs.`)
    return
  }
  const names = new Set<string>()
  for (const [index, item] of items.entries()) {
    const [pair, second] = item.kind === 'object' ? item.members : []
    if (!pair || second) {
      faults.add([name, index], 'invalid_type', `Each of \`${name}\` must be an object with one pair.`)
      continue
    }
    if (names.has(pair.key)) faults.add([name, index, pair.key], 'duplicate_key', 'The name occurs twice.')
    names.add(pair.key)
    const { kind } = pair.value
    if (name === 'keys' && (kind === 'object' || kind === 'array')) {
      faults.add([name, index, pair.key], 'invalid_type', 'A key must be a number, a string, a boolean or null.')
    }
  }
}

function readTime(node: JsonNode, faults: EventFaults): string | undefined {
  const detail = '`time` must be an RFC 3339 time, as "2017-12-28T14:59:16.500+01:00".'
  if (node.kind !== 'string') return faults.add(['time'], 'invalid_type', detail)
  return parseRfc3339(node.value) ? node.value : faults.add(['time'], 'invalid_format', detail)
}

function readId(node: JsonNode, faults: EventFaults): string | undefined {
  const id = faults.string('id', node, 1, 128)
  if (id === undefined || !/\p{Cc}/u.test(id)) return id
  return faults.add(['id'], 'invalid_format', '`id` must not contain control characters.')
}

/** Counters of any size, digits kept; row versions that are no numbers come as strings. */
function checkVersion(node: JsonNode, faults: EventFaults): void {
  if (node.kind === 'string') faults.string('version', node, 1, 64)
  else if (node.kind !== 'number') faults.add(['version'], 'invalid_type', '`version` must be an integer or a string.')
  else if (!/^(?:0|[1-9][0-9]{0,63})$/.test(node.text)) {
    faults.add(['version'], 'out_of_range', '`version` must be an integer from 0, of at most 64 digits.')
  }
}

function checkAttributes(node: JsonNode, rules: EventTypeRules | undefined, faults: EventFaults): void {
  if (node.kind !== 'object') {
    faults.add(['attributes'], 'invalid_type', '`attributes` must be an object.')
    return
  }
  for (const { key, value } of materialize(node, 1).members) {
    const expected = rules?.attributes.get(key)
    if (rules && !expected) {
      faults.add(['attributes', key], 'unknown_field', 'The event type has no such attribute.')
    } else if (expected ? value.kind !== expected : value.kind === 'object' || value.kind === 'array') {
      faults.add(['attributes', key], 'invalid_type', `The attribute must be a ${expected ?? 'scalar'}.`)
    }
  }
}

function checkData(node: JsonNode, rules: EventTypeRules | undefined, faults: EventFaults): void {
  if (node.kind !== 'object') faults.add(['data'], 'invalid_type', '`data` must be an object.')
  else if (rules?.validateData) faults.adopt(['data'], rules.validateData(node))
}

function headText(type: string, timestamp: string, given: GivenFields): string {
  const entity = given.entityId ? `"entityId":${given.entityId.text}` : `"keys":${given.keys!.text}`
  return `"type":"${type}","timestamp":"${timestamp}","tenantId":${given.tenantId!.text},${entity}`
}

function tailText(id: string, given: GivenFields): string {
  let text = `"id":${given.id ? given.id.text : JSON.stringify(id)}`
  for (const name of tailOrder) {
    const node = name === 'id' ? undefined : given[name]
    if (node) text += `,"${name}":${node.text}`
  }
  return text
}

function fingerprintOf(given: GivenFields): string {
  let text = ''
  for (const name of fieldNames) {
    const node = given[name]
    if (node) text += `"${name}":${node.text},`
  }
  return hash('sha256', text, 'hex').slice(0, 16)
}
