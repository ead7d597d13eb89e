import { encodeDeliveryId } from '../core/delivery/delivery-id.ts'
import type { DeliveryInput, WebhookDialect } from '../core/dialect/dialect.ts'
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

/** What a delivery says to its receiver. */
export interface DeliveryRequest {
  readonly method: string
  readonly url: string
  /** `value` null: it is secret. */
  readonly headers: readonly { readonly name: string; readonly value: string | null }[]
  readonly body: string | null
}

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
    return dialects.flatMap((dialect) => this.bodyIn(dialect, event) ?? [])
  }

  /** Undefined: the dialect has no name for its type. */
  bodyIn({ name: dialect, webhook, isCanonical }: Dialect, event: StoredEvent): EventBody | undefined {
    const { clock, catalogue, offsetOf } = this.#parts
    const name = catalogue().nameIn(event.type, dialect) ?? (isCanonical ? event.type : undefined)
    if (name === undefined) return undefined
    const offset = offsetOf(event)
    if (webhook === null) return { dialect, name, headers: [], body: eventText(event, offset, name) }
    const of = { name, sequence: 1, attempt: 1 }
    const { headers, body } = this.#encoded(webhook, plainSubscription(dialect, clock.now()), event, of)
    return { dialect, name, headers, body }
  }

  /** A delivery's request, made again of the subscription as it is now, without what is secret in it. */
  requestOf(
    subscription: Subscription,
    event: StoredEvent,
    { sequence, attempt }: Pick<DeliveryInput, 'sequence' | 'attempt'>,
  ): DeliveryRequest {
    const { dialect, endpoint } = subscription
    const webhook = dialects.find(({ name }) => name === dialect)?.webhook
    if (!webhook) throw new Error(`subscription ${subscription.id} has the unknown dialect ${dialect}`)
    const name = this.#parts.catalogue().nameIn(event.type, dialect) ?? event.type
    const { method, url, body, headers } = this.#encoded(webhook, subscription, event, { name, sequence, attempt })
    const secret = [...endpoint.headerNames, ...(endpoint.auth === null ? [] : ['authorization'])]
    return {
      ...{ method, url, body },
      headers: [
        ...headers.map(([header, value]) => ({ name: header, value })),
        ...secret.map((header) => ({ name: header, value: null })),
      ],
    }
  }

  #encoded(
    webhook: WebhookDialect,
    subscription: Subscription,
    event: StoredEvent,
    of: Pick<DeliveryInput, 'name' | 'sequence' | 'attempt'>,
  ) {
    const { epoch, clock, catalogue, families, offsetOf, settings } = this.#parts
    const { partition, position, tenantId } = event
    return webhook.encode(
      [
        {
          ...of,
          deliveryId: encodeDeliveryId({ epoch, subscription: subscription.number, partition, position }),
          ...{ event, offset: offsetOf(event), entity: eventFields(event).data },
          details: catalogue().find(event.type)?.details.get(subscription.dialect) ?? {},
          ...families.familyOf(tenantId),
        },
      ],
      {
        subscription,
        ...{ secrets: [], nowMs: clock.now(), operatorSettings: settings.get(subscription.dialect) ?? {} },
      },
    )
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
