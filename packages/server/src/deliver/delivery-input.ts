import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { DeliveryInput, WebhookDialect } from '../core/dialect/dialect.ts'
import type { Families } from '../core/dialect/families.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventFields } from '../core/event/event-fields.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Contents } from './attempt.ts'
import type { PendingDelivery } from './queue/pending-delivery.ts'

/** What the catalogue knows of a type in a dialect. */
export interface TypeNames {
  /** The type's name in the dialect; undefined: the dialect cannot name it. */
  nameOf(type: string, dialect: string): string | undefined
  detailsOf(type: string, dialect: string): DeliveryInput['details']
}

/** Entities as they are now. */
export interface CurrentEntities {
  /** Null when it is gone, undefined when it is not to be had; null itself: nobody to ask. */
  entityOf(event: StoredEvent): Promise<string | null | undefined> | null
}

export interface DeliveryInputDeps {
  /** That of the log. */
  readonly epoch: number
  readonly names: TypeNames
  readonly families: Families
  readonly entities: CurrentEntities
  readonly dialects: { dialectOf(subscription: Subscription): Pick<WebhookDialect, 'carriesEntity'> }
  readonly offsets: { offsetOf(event: Pick<StoredEvent, 'topic' | 'position'>): string }
}

/** Gathers everything that a dialect needs to write one delivery. */
export class DeliveryInputs implements Contents {
  readonly #deps: DeliveryInputDeps

  constructor(deps: DeliveryInputDeps) {
    this.#deps = deps
  }

  inputOf(subscription: Subscription, delivery: PendingDelivery): DeliveryInput | Promise<DeliveryInput> {
    const { dialects, entities } = this.#deps
    if (!dialects.dialectOf(subscription).carriesEntity) return this.#inputWith(subscription, delivery, null)
    const { event } = delivery
    // An event that was made up for a test is of no entity that the application knows.
    const fetched = delivery.sequence === null ? null : entities.entityOf(event)
    if (fetched === null) return this.#inputWith(subscription, delivery, eventFields(event).data)
    return fetched.then((entity) =>
      this.#inputWith(subscription, delivery, entity === undefined ? eventFields(event).data : entity),
    )
  }

  #inputWith(subscription: Subscription, delivery: PendingDelivery, entity: string | null): DeliveryInput {
    const { epoch, names, families, offsets } = this.#deps
    const { event } = delivery
    const { partition, position } = event
    return {
      deliveryId: encodeDeliveryId({ epoch, subscription: subscription.number, partition, position }),
      event,
      offset: offsets.offsetOf(event),
      name: names.nameOf(event.type, subscription.dialect) ?? event.type,
      sequence: delivery.sequence,
      attempt: delivery.attempts + 1,
      entity,
      ...families.familyOf(event.tenantId),
      details: names.detailsOf(event.type, subscription.dialect),
    }
  }
}
