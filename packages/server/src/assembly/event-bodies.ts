import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventFields } from '../core/event/event-fields.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import { dialects } from '../dialects/dialects.ts'
import { eventText } from '../dialects/fortnox/encode.ts'
import type { EventBody } from '../http/routes/event-search.ts'
import { operatorSettingsOf } from './dialects.ts'
import type { Foundation } from './foundation.ts'

/** An event as each dialect that can name it would send it, to a subscription with no settings of its own. */
export function eventBodies(foundation: Foundation): (event: StoredEvent) => readonly EventBody[] {
  const { config, log, directory, catalogue, clock, offsetOf } = foundation
  return (event) =>
    dialects.flatMap(({ name: dialect, webhook, isCanonical }): EventBody[] => {
      const name = catalogue().nameIn(event.type, dialect) ?? (isCanonical ? event.type : undefined)
      if (name === undefined) return []
      const offset = offsetOf(event)
      if (webhook === null) return [{ dialect, name, headers: [], body: eventText(event, offset, name) }]
      const { partition, position, tenantId } = event
      const subscription = plainSubscription(dialect, clock.now())
      const { headers, body } = webhook.encode(
        [
          {
            deliveryId: encodeDeliveryId({ epoch: log.epoch, subscription: 0, partition, position }),
            ...{ event, offset, name, sequence: 1, attempt: 1, entity: eventFields(event).data },
            details: catalogue().find(event.type)?.details.get(dialect) ?? {},
            parentTenantId: directory.tenant(tenantId)?.parentId ?? null,
            hasChildTenants: directory.tenants.hasChildren(tenantId),
          },
        ],
        { subscription, secrets: [], nowMs: clock.now(), operatorSettings: operatorSettingsOf(config, dialect) },
      )
      return [{ dialect, name, headers, body }]
    })
}

/** With the defaults of a new one; it exists nowhere. */
function plainSubscription(dialect: string, nowMs: number): Subscription {
  const now = formatRfc3339(nowMs)
  return {
    ...{ id: 'sub_example', number: 0, integrationId: 'int_example', boundTenantId: null, visibleTypes: null, dialect },
    ...{ status: 'active', disabledReason: null, disabledAt: null, failingSince: null, hold: null },
    ...{ types: ['*'], tenants: { kind: 'granted' }, filter: null, fields: null, topicFloors: null, replayedAt: null },
    endpoint: {
      ...{ url: 'https://example.com/', headerNames: [], headers: null, auth: null, tls: null, timeoutSeconds: 15 },
    },
    ...{ secrets: [], ordering: 'none', coalesce: 'none', batch: null, retryDelaysSeconds: null, concurrency: 8 },
    ...{ ratePerSecond: null, description: null, settings: {}, version: 0, createdAt: now, updatedAt: now },
  }
}
