import type { CatchUpReason } from '../../core/delivery/catch-up.ts'
import type { DeliveryCounts } from '../../core/delivery/delivery-row.ts'
import type { SkipReason } from '../../core/delivery/skipped-span.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'

/** As answers show it; times are RFC 3339. */
export interface CatchUpFacts {
  readonly state: 'running' | 'paused'
  readonly reason: CatchUpReason
  readonly since: string
  readonly pausedAt: string | null
}

/** A place in the log; `offsets` by topic. */
export interface PlaceView {
  readonly time: string | null
  readonly offsets: Readonly<Record<string, string>>
}

export interface CatchUpProgress extends CatchUpFacts {
  readonly from: PlaceView
  readonly to: PlaceView
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
