import type { DeliveryInput } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { readEvent } from '../core/event/event-input.ts'
import { parseJson } from '../core/json/json.ts'
import type { Subscription } from '../core/registry/registry.ts'

/** Events, deliveries and subscriptions for the tests of dialects: whole, valid, the same on every run. */

/** @param text as published, JSON. */
export function sampleEvent(text: string, place: Partial<StoredEvent> = {}): StoredEvent {
  const parsed = parseJson(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  const read = readEvent(parsed.node, {
    pointer: '',
    nowText: '2026-01-31T12:00:00.000Z',
    newId: () => 'evt_1',
    typeOf: (type) => ({ topic: `${type.split('.')[0]}s`, attributes: new Map([['projectId', 'number']]) }),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const { topic, tenantId, type, entityKey, isQuiet, head, tail } = read.event
  const appendedAtMs = Date.UTC(2026, 0, 31, 12)
  return { partition: 0, position: 41, topic, tenantId, type, entityKey, isQuiet, appendedAtMs, head, tail, ...place }
}

export function sampleDelivery(event: StoredEvent, with_: Partial<DeliveryInput> = {}): DeliveryInput {
  return {
    deliveryId: 'dlv_0sample1z',
    event,
    offset: '1AbCdEf0023',
    name: event.type,
    sequence: 41,
    attempt: 1,
    entity: null,
    parentTenantId: null,
    hasChildTenants: false,
    details: {},
    ...with_,
  }
}

export function sampleSubscription(dialect: string, with_: Partial<Subscription> = {}): Subscription {
  return {
    id: 'sub_1',
    number: 1,
    integrationId: 'int_1',
    boundTenantId: null,
    visibleTypes: null,
    dialect,
    status: 'active',
    disabledReason: null,
    disabledAt: null,
    failingSince: null,
    hold: null,
    types: ['*'],
    tenants: { kind: 'granted' },
    filter: null,
    fields: null,
    topicFloors: null,
    replayedAt: null,
    endpoint: {
      url: 'https://example.com/hook',
      headerNames: [],
      headers: null,
      auth: null,
      tls: null,
      timeoutSeconds: 15,
    },
    secrets: [],
    ordering: 'none',
    coalesce: 'none',
    batch: null,
    retryDelaysSeconds: null,
    concurrency: 8,
    ratePerSecond: null,
    description: null,
    settings: {},
    version: 0,
    createdAt: '2026-01-31T12:00:00.000Z',
    updatedAt: '2026-01-31T12:00:00.000Z',
    ...with_,
  }
}
