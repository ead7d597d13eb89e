import type { LogPlace } from '../event/event.ts'
import type { TenantId } from '../ids/tenant-id.ts'

/**
 * Words: a *delivery* is one event for one subscription. An *attempt* is one request made for it.
 * A delivery is *settled* when it is delivered, durably waiting for a retry, or finally failed.
 */

/** Which delivery: all of a delivery's identity follows from these, so nothing has to be stored to name it. */
export interface DeliveryKey {
  /** `Subscription.number`. */
  readonly subscription: number
  readonly partition: number
  readonly position: number
}

/** The key as one text, for sets and maps. */
export function deliveryKeyText({ subscription, partition, position }: DeliveryKey): string {
  return `${subscription} ${partition} ${position}`
}

export const deliveryStatuses = ['waiting', 'delivered', 'failed', 'superseded'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

/** What the lists of deliveries show of its event without reading the log. */
export interface DeliveryEvent {
  readonly topic: string
  readonly type: string
  readonly tenantId: TenantId
  readonly entityKey: string
}

/** One delivery: which it is, what its event is, and its place among those of its subscription. */
export interface Delivery extends DeliveryKey, DeliveryEvent {
  /** Counts a subscription's events from 1; null: it was made up for a test, and counts for nothing. */
  readonly sequence: number | null
}

/** The delivery of an event to a subscription, without anything else that the event carries. */
export function deliveryTo(
  subscription: number,
  { partition, position, topic, type, tenantId, entityKey }: LogPlace & DeliveryEvent,
  sequence: number | null,
): Delivery {
  return { subscription, partition, position, topic, type, tenantId, entityKey, sequence }
}

/** The delivery that a record or a row is of, without anything else that it carries. */
export function deliveryOf(record: Delivery): Delivery {
  return deliveryTo(record.subscription, record, record.sequence)
}

/** A delivery that waits for its next attempt: a small row that points into the log. */
export interface WaitingDelivery extends Delivery {
  /** Attempts made so far. */
  readonly attempts: number
  readonly firstAttemptAtMs: number
  readonly dueAtMs: number
}

/** One that is not attempted any more: it has finally failed, or a newer event took its place. */
export interface EndedDelivery extends WaitingDelivery {
  readonly status: 'failed' | 'superseded'
}

/**
 * Why an attempt failed, as in the contract's list: `http_<status>`, `gone`, `connection_refused`,
 * `connection_closed`, `connect_timeout`, `send_timeout`, `headers_timeout`, `attempt_timeout`,
 * `headers_too_large`, `invalid_http`, `redirect_not_allowed`, `dns_failed`, `address_forbidden`,
 * `tls_<reason>`.
 */
export type AttemptError =
  | `http_${number}`
  | 'gone'
  | 'connection_refused'
  | 'connection_closed'
  | 'connect_timeout'
  | 'send_timeout'
  | 'headers_timeout'
  | 'attempt_timeout'
  | 'headers_too_large'
  | 'invalid_http'
  | 'redirect_not_allowed'
  | 'dns_failed'
  | 'address_forbidden'
  | `tls_${string}`
  /** The server failed before anything was sent; its log says why. */
  | 'internal_error'
