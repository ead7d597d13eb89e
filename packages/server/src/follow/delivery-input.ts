import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { DeliveryInput, WebhookDialect } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventFields } from '../core/event/event-fields.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { PendingDelivery } from '../deliver/pending-delivery.ts'
import type { EventLog } from '../log/event-log.ts'

/** Where the parts of a delivery come from that are not in its event. */
export interface DeliveryInputSources {
  readonly log: Pick<EventLog, 'epoch'>
  readonly dialectOf: (subscription: Subscription) => Pick<WebhookDialect, 'carriesEntity'>
  /** The type's name in the dialect; undefined: the dialect cannot name it. */
  readonly nameOf: (type: string, dialect: string) => string | undefined
  readonly offsetOf: (event: Pick<StoredEvent, 'topic' | 'position'>) => string
  /** The entity as it is now: null when it is gone, undefined when it is not to be had; null itself: nobody to ask. */
  readonly entityOf: (event: StoredEvent) => Promise<string | null | undefined> | null
  readonly familyOf: (tenantId: TenantId) => Pick<DeliveryInput, 'parentTenantId' | 'hasChildTenants'>
  readonly detailsOf: (type: string, dialect: string) => DeliveryInput['details']
}

/** Everything that a dialect needs to write one delivery; a promise only where the entity has to be fetched. */
export function inputOf(
  deps: DeliveryInputSources,
  subscription: Subscription,
  delivery: PendingDelivery,
): DeliveryInput | Promise<DeliveryInput> {
  const { event } = delivery
  const dialect = deps.dialectOf(subscription)
  const inputWith = (entity: string | null): DeliveryInput => ({
    deliveryId: encodeDeliveryId({
      epoch: deps.log.epoch,
      subscription: subscription.number,
      partition: event.partition,
      position: event.position,
    }),
    event,
    offset: deps.offsetOf(event),
    name: deps.nameOf(event.type, subscription.dialect) ?? event.type,
    sequence: delivery.sequence,
    attempt: delivery.attempts + 1,
    entity,
    ...deps.familyOf(event.tenantId),
    details: deps.detailsOf(event.type, subscription.dialect),
  })
  if (!dialect.carriesEntity) return inputWith(null)
  // An event that was made up for a test is of no entity that the application knows.
  const fetched = delivery.sequence === null ? null : deps.entityOf(event)
  if (fetched === null) return inputWith(eventFields(event).data)
  return fetched.then((entity) => inputWith(entity === undefined ? eventFields(event).data : entity))
}
