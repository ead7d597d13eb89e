import type { NewEvent } from '../../core/event/event.ts'

/** A valid event; `id` is the log's own unless a fingerprint is given. */
export function newEvent(given: Partial<NewEvent> = {}): NewEvent {
  const entityKey = given.entityKey ?? '3817'
  const tenantId = given.tenantId ?? 29302
  const type = given.type ?? 'invoice.updated'
  const id = given.id ?? 'evt-1'
  return {
    topic: 'invoices',
    tenantId,
    type,
    entityKey,
    isQuiet: false,
    id,
    fingerprint: undefined,
    head: `"type":"${type}","timestamp":"2017-12-28T14:59:16.500+01:00","tenantId":${tenantId},"entityId":"${entityKey}"`,
    tail: `"id":"${id}"`,
    ...given,
  }
}

export function newEvents(count: number, given: (index: number) => Partial<NewEvent> = () => ({})): NewEvent[] {
  return Array.from({ length: count }, (_, index) => newEvent({ entityKey: String(index), ...given(index) }))
}

/** Two fingerprints, as of two different events. */
export const fingerprints = ['0123456789abcdef', 'fedcba9876543210'] as const
