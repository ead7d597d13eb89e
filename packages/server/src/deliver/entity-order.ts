import type { StoredEvent } from '../core/event.ts'

/** What `ordering: entity` goes by: one entity of one tenant, whatever happened to it. */
export function entityOf(event: Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>): string {
  return `${event.tenantId} ${event.type.slice(0, event.type.lastIndexOf('.'))} ${event.entityKey}`
}
