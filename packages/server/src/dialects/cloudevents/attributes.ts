import type { StoredEvent } from '../../core/event/event.ts'
import { eventFields } from '../../core/event/event-fields.ts'

/** Where an event stands, for those who see it. */
export interface CloudEventPlace {
  /** The event's offset token. */
  readonly offset: string
  /** Absent in the feed and in test deliveries. */
  readonly sequence?: number | null
}

/** Attributes in the order of the wire. All are strings: none needs quoting but JSON's. */
export type CloudEventAttributes = readonly (readonly [name: string, value: string])[]

// 2^53 has 16 digits.
const sequenceDigits = 16

/**
 * The context attributes of CloudEvents 1.0, then ours. `id` is unique within its tenant, so the
 * tenant is the source. `sequence` is that of the subscription, padded, because the extension of
 * this name has to sort as text; `tenantid` is text, because integers here have 32 bits.
 */
export function cloudEventAttributes(event: StoredEvent, { offset, sequence }: CloudEventPlace): CloudEventAttributes {
  const { id, time } = eventFields(event)
  const attributes: [string, string][] = [
    ['specversion', '1.0'],
    ['id', id],
    ['source', `/tenants/${event.tenantId}`],
    ['type', event.type],
  ]
  if (isCloudEventString(event.entityKey)) attributes.push(['subject', event.entityKey])
  attributes.push(
    ['time', time],
    ['datacontenttype', 'application/json'],
    ['tenantid', String(event.tenantId)],
    ['topic', event.topic],
    ['offset', offset],
  )
  if (sequence !== undefined && sequence !== null) {
    attributes.push(['sequence', String(sequence).padStart(sequenceDigits, '0')])
  }
  return attributes
}

/** CloudEvents 1.0, "Type System": no control characters, no noncharacters, no lone surrogates. */
function isCloudEventString(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text)
}
