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
