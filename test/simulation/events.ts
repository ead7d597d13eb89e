import type { NewEvent } from '../../packages/server/src/core/event/event.ts'
import type { Random } from './random.ts'

const types = ['invoice.created', 'invoice.updated', 'customer.updated'] as const
const topics: Record<string, string> = {
  'invoice.created': 'invoices',
  'invoice.updated': 'invoices',
  'customer.updated': 'customers',
}

/** Of few entities, so that many are of the same one. */
export function newEvent(number: number, random: Random): NewEvent {
  const type = random.pick(types)
  const entityKey = String(random.between(1, 4))
  return {
    topic: topics[type]!,
    tenantId: 1,
    type,
    entityKey,
    isQuiet: false,
    id: `e${number}`,
    fingerprint: undefined,
    head: `"type":"${type}","timestamp":"2026-01-01T00:00:00.000Z","tenantId":1,"entityId":"${entityKey}"`,
    tail: `"id":"e${number}"`,
  }
}
