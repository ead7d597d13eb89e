import type { StoredEvent } from '../../core/event/event.ts'
import { eventFields } from '../../core/event/event-fields.ts'
import { type CloudEventPlace, cloudEventAttributes } from './attributes.ts'

/** One event. */
export const cloudEventMediaType = 'application/cloudevents+json'
/** An array of events. */
export const cloudEventBatchMediaType = 'application/cloudevents-batch+json'

/**
 * An event in the JSON format of CloudEvents 1.0, for structured and batched deliveries and for the
 * feed and the stream:
 *
 *   {"specversion":"1.0","id":"inv-3817-v12","source":"/tenants/29302","type":"invoice.updated",
 *    "subject":"3817","time":"…","datacontenttype":"application/json","tenantid":"29302",
 *    "topic":"invoices","offset":"…","sequence":"0000000000000041","data":{"entityId":"3817",…}}
 *
 * @param selected JSON text in the place of the event's own `data`.
 */
export function cloudEventText(event: StoredEvent, place: CloudEventPlace, selected?: string): string {
  const attributes = cloudEventAttributes(event, place).map(([name, value]) => `"${name}":${JSON.stringify(value)}`)
  return `{${attributes.join()},"data":${cloudEventData(event, selected)}}`
}

/**
 * What is no attribute, under its native name, as JSON text. It is never empty: a delivery must
 * have a payload (HTTP webhooks §2.1), and many events carry no entity.
 */
export function cloudEventData(event: StoredEvent, selected?: string): string {
  const { entityId, keys, version, state, actor, attributes, data, changed } = eventFields(event)
  const parts = [keys === null ? `"entityId":${JSON.stringify(entityId)}` : `"keys":${keys}`]
  if (version !== null) parts.push(`"version":${version}`)
  if (state !== null) parts.push(`"state":${JSON.stringify(state)}`)
  if (actor !== null) parts.push(`"actor":${JSON.stringify(actor)}`)
  if (attributes !== null) parts.push(`"attributes":${attributes}`)
  if (data !== null) parts.push(`"data":${selected ?? data}`)
  if (changed !== null) parts.push(`"changed":${changed}`)
  return `{${parts.join()}}`
}
