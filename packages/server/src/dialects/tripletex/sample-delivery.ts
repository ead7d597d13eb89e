import type { EventType } from '../contract/catalogue.ts'
import { isDelete } from './encode.ts'
import { sampleEntity } from './entity-model.ts'

/** A body as a subscription to the event gets it, of an entity made up from the event's model; JSON text. */
export function sampleDelivery(type: EventType, host: string): string {
  const event = type.names.get('tripletex') ?? type.type
  const entity = isDelete(event) ? null : sampleEntity(type.details.get('tripletex'), 1, host)
  return JSON.stringify({ subscriptionId: 1, event, id: 1, value: entity })
}
