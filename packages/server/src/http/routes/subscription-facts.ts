import type { CatchUpReason } from '../../core/delivery/catch-up.ts'
import type { DeliveryCounts } from '../../core/delivery/delivery-row.ts'
import type { SkipReason } from '../../core/delivery/skipped-span.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { subscriptionView } from '../../registry/subscription-view.ts'

export interface CatchUpFacts {
  readonly state: 'running' | 'paused'
  readonly reason: CatchUpReason
  readonly since: string
  readonly pausedAt: string | null
}

/** A place in the log; `offsets` by topic. */
export interface LogPlace {
  readonly time: string | null
  readonly offsets: Readonly<Record<string, string>>
}

export interface CatchUpProgress extends CatchUpFacts {
  readonly from: LogPlace
  readonly to: LogPlace
  readonly read: number
  readonly behind: number
  readonly eventsPerSecond: number | null
  readonly windowSeconds: number
  readonly secondsLeft: number | null
}

export interface SubscriptionStats {
  readonly behind: number
  readonly behindSince: string | null
  readonly keptUntil: string | null
  readonly waiting: number
  readonly failed: number
  readonly sequence: number
  readonly breaker: string
  readonly inFlight: number
  readonly reading: 'shared' | 'own'
  readonly catchUp: CatchUpProgress | null
  readonly hasGrant: boolean
  readonly notGranted: NotGrantedFacts | null
}

/** Events that were not sent because no grant stood. */
export interface NotGrantedFacts {
  readonly events: number
  readonly isExact: boolean
  readonly firstAt: string
  readonly lastAt: string
  readonly tenants: readonly {
    readonly tenantId: TenantId
    readonly events: number
    readonly grantEndedAt: string | null
  }[]
}

export interface SkippedFacts {
  readonly reason: SkipReason
  readonly at: string
  readonly events: number
  readonly isExact: boolean
  readonly droppedEvents: number
  readonly after: Readonly<Record<string, string>>
  readonly firstAt: string | null
  readonly lastAt: string | null
  readonly rewind: { readonly to: { readonly time: string } } | null
}

export interface Missed {
  readonly subscription: string
  readonly behind: number
  readonly deliveries: DeliveryCounts
  readonly skipped: readonly SkippedFacts[]
  readonly notGranted: NotGrantedFacts | null
}

/** How a subscription's reading stands now. */
export interface CurrentReading {
  /** Events of the log to read until it has caught up. */
  readonly behind: (subscription: Subscription) => number
  readonly catchUp: (subscription: Subscription) => CatchUpFacts | null
  /** Whether any tenant grants it anything. */
  readonly hasGrant: (subscription: Subscription) => boolean
}

/** A subscription as every answer shows it. */
export function shownSubscription(subscription: Subscription, { behind, catchUp, hasGrant }: CurrentReading) {
  return {
    ...subscriptionView(subscription),
    hasGrant: hasGrant(subscription),
    behind: behind(subscription),
    catchUp: catchUp(subscription),
  }
}
