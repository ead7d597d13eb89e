import type { StoredEvent } from '../event/event.ts'
import type { TenantId } from '../ids/tenant-id.ts'
import type { Subscription } from '../registry/registry.ts'

/** A signing secret of a subscription, unsealed, current first. */
export interface LiveSecret {
  readonly algorithm: 'hmac-sha256' | 'ed25519'
  /** As the integrator knows it (`whsec_…`, or the dialect's own form); for Ed25519 the private key, `whsk_…`. */
  readonly secret: string
}

/** One delivery about to be attempted, with everything that its encoder may use. */
export interface DeliveryInput {
  readonly deliveryId: string
  readonly event: StoredEvent
  /** The event's offset token. */
  readonly offset: string
  /** The type's name in the subscription's dialect. */
  readonly name: string
  /** What the catalogue holds of the type for this dialect alone; empty: nothing. */
  readonly details: Readonly<Record<string, unknown>>
  /** Null for test deliveries. */
  readonly sequence: number | null
  /** From 1. */
  readonly attempt: number
  /** The entity to send where the dialect carries it, as canonical JSON text: the entity source's answer, else the event's `data`; null: none. */
  readonly entity: string | null
  /** The tenant's parent, where the dialect names it. */
  readonly parentTenantId: TenantId | null
  /** Other tenants stand below the event's own. */
  readonly hasChildTenants: boolean
}

export interface EncodeContext {
  readonly subscription: Subscription
  /** Live secrets: the current one, then those still in their overlap. */
  readonly secrets: readonly LiveSecret[]
  /** The receiver's idea of now, epoch milliseconds: for the timestamp of a signature. */
  readonly nowMs: number
  /** What the operator set for the dialect (`dialects` in the configuration file); absent: nothing. */
  readonly operatorSettings?: Readonly<Record<string, unknown>>
}

export interface EncodedRequest {
  readonly method: 'POST' | 'GET'
  readonly url: string
  /** In wire order; the subscription's own headers and credentials are added by the sender. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** Retries and classification, as data. */
export interface WebhookPolicy {
  /** Statuses that mean delivered. */
  readonly success: '2xx' | readonly number[]
  /** Seconds between attempt n and n+1; its length is the number of retries. */
  readonly retryDelaysSeconds: readonly number[]
  /** Each delay is multiplied by a random factor from 1 to 1 + this. 0: exact. */
  readonly jitter: number
  readonly honoursRetryAfter: boolean
  /** 410 disables the subscription at once. */
  readonly disablesOnGone: boolean
  /** What the last failed attempt of a delivery means: keep it as failed, or that and disable the subscription. */
  readonly afterLastAttempt: 'keep' | 'disable'
  /** Disabled when deliveries have failed this long without one success; null: never. */
  readonly disableAfterFailingMs: number | null
  /** Retries under way go on while the subscription is disabled. */
  readonly retriesWhileDisabled: boolean
}

/** The webhook half of a dialect: pure. */
export interface WebhookDialect {
  readonly policy: WebhookPolicy
  /** The policy of one subscription, where the dialect lets a subscription choose; absent: `policy`. */
  policyOf?(subscription: Subscription): WebhookPolicy
  /** One request for one delivery, or for several when the subscription has `batch` and the dialect allows it. */
  encode(deliveries: readonly [DeliveryInput, ...DeliveryInput[]], context: EncodeContext): EncodedRequest
  readonly allowsBatch: boolean
  /** Its encoder reads `DeliveryInput.entity`. */
  readonly carriesEntity: boolean
}
