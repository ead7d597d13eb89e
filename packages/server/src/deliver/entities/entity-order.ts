import type { DeliveryEvent } from '../../core/delivery/delivery.ts'

type Identity = Pick<DeliveryEvent, 'tenantId' | 'type' | 'entityKey'>

/** One entity of one tenant, whatever happened to it: what `ordering` and `coalesce` go by. */
export function entityOf(event: Identity): string {
  return `${event.tenantId} ${event.type.slice(0, event.type.lastIndexOf('.'))} ${event.entityKey}`
}

/** A creation is never replaced by what came after it: its receiver would never hear of the entity's beginning. */
export function isReplaceable(event: Pick<DeliveryEvent, 'type'>): boolean {
  return !event.type.endsWith('.created')
}
