import type { DeliveryRow } from '../core/delivery/delivery-row.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { EventStanding } from '../follow/event-standing.ts'
import type { GrantRefusal, MatchRefusal } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'

/** What is known of one event and one subscription: all that a verdict rests on. */
export interface Facts {
  readonly subscription: Subscription
  readonly event: StoredEvent
  /** By the code that matches; null: the event is the subscription's. */
  readonly refusal: MatchRefusal | null
  readonly grantRefusal: GrantRefusal | null
  /** The event is the subscription's now, and no grant stood for it when it was published. */
  readonly wasWithheld: boolean
  /** Conditions of the filter that the event does not meet. */
  readonly unmet: readonly string[]
  readonly standing: EventStanding
  /** What the store has of the delivery: it waits, has ended or was delivered. */
  readonly delivery: DeliveryRow | null
  readonly grants: GrantFacts
}

export interface GrantFacts {
  /** There is such a tenant. */
  readonly isTenantKnown: boolean
  /** RFC 3339: when the oldest grant was made that shows the event now; null: none shows it. */
  readonly since: string | null
  /** The end of the grant that ended last; null: none is known of. */
  readonly end: GrantEnd | null
}

export interface GrantEnd {
  readonly kind: 'revoked' | 'expired'
  /** RFC 3339. */
  readonly at: string
  readonly tokenId: string
  /** Who revoked it, in words; null: it expired, or that is not known. */
  readonly by: string | null
}

/** What the registry and the audit log know of grants, those that have ended too. */
export interface GrantRecords {
  isTenantKnown(tenantId: TenantId): boolean
  /** RFC 3339: when the oldest live grant of this type by one of these tenants was made; null: there is none. */
  since(integrationId: string, tenantIds: readonly TenantId[], type: string): string | null
  /** The integration's grants as they stood at a time, epoch milliseconds. */
  at(integrationId: string, timeMs: number): Grants
  /** The end of the grant by one of these tenants that ended last; null: none is known of. */
  lastEnd(integrationId: string, tenantIds: readonly TenantId[]): Promise<GrantEnd | null>
}
