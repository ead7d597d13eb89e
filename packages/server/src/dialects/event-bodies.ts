import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { Families } from '../core/dialect/families.ts'
import type { StoredEvent } from '../core/event/event.ts'
import { eventFields } from '../core/event/event-fields.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import { formatRfc3339 } from '../core/time/time.ts'
import type { Catalogue } from './contract/catalogue.ts'
import type { Dialect } from './contract/dialect.ts'
import type { EventBody } from './contract/event-body.ts'
import { dialects } from './dialects.ts'
import { eventText } from './fortnox/encode.ts'

export interface EventBodiesParts {
  /** The log's. */
  readonly epoch: number
  readonly clock: Pick<Clock, 'now'>
  readonly catalogue: () => Catalogue
  readonly families: Families
  readonly offsetOf: (event: StoredEvent) => string
  /** What the operator set, by dialect. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** An event as each dialect that can name it would send it, to a subscription with no settings of its own. */
export class EventBodies {
  readonly #parts: EventBodiesParts

  constructor(parts: EventBodiesParts) {
    this.#parts = parts
  }

  bodiesOf(event: StoredEvent): readonly EventBody[] {
    return dialects.flatMap((dialect) => this.#bodyIn(dialect, event) ?? [])
  }

  #bodyIn({ name: dialect, webhook, isCanonical }: Dialect, event: StoredEvent): EventBody | undefined {
    const { epoch, clock, catalogue, families, offsetOf, settings } = this.#parts
    const name = catalogue().nameIn(event.type, dialect) ?? (isCanonical ? event.type : undefined)
    if (name === undefined) return undefined
    const offset = offsetOf(event)
    if (webhook === null) return { dialect, name, headers: [], body: eventText(event, offset, name) }
    const { partition, position, tenantId } = event
    const { headers, body } = webhook.encode(
      [
        {
          deliveryId: encodeDeliveryId({ epoch, subscription: 0, partition, position }),
          ...{ event, offset, name, sequence: 1, attempt: 1, entity: eventFields(event).data },
          details: catalogue().find(event.type)?.details.get(dialect) ?? {},
          ...families.familyOf(tenantId),
        },
      ],
      {
        subscription: plainSubscription(dialect, clock.now()),
        ...{ secrets: [], nowMs: clock.now(), operatorSettings: settings.get(dialect) ?? {} },
      },
    )
    return { dialect, name, headers, body }
  }
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
