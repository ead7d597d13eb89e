import type { TenantId } from './tenant-id.ts'

/** A subscription's own reading of the log, from a point in the past until it has caught up. */
export interface CatchUp {
  readonly state: 'running' | 'paused'
  /** It began in the past, was rewound, was enabled again, or could not keep up. */
  readonly reason: 'start' | 'rewind' | 'enable' | 'behind'
  readonly since: string
  readonly pausedAt: string | null
}

export interface LogPlace {
  readonly time: string | null
  readonly offsets: { readonly [topic: string]: string }
}

export interface CatchUpProgress extends CatchUp {
  readonly from: LogPlace
  readonly to: LogPlace
  /** Events of the log gone through since it began, and still to go through. */
  readonly read: number
  readonly behind: number
  /** Over the last `windowSeconds`; null: too new to tell. */
  readonly eventsPerSecond: number | null
  readonly windowSeconds: number
  /** Null: not known. */
  readonly secondsLeft: number | null
}

/** Events that would have been sent, had a grant stood; they are not counted as missed. */
export interface NotGranted {
  /** At least so many, if not exact. */
  readonly events: number
  readonly isExact: boolean
  readonly firstAt: string
  readonly lastAt: string
  /** Whose they are; `grantEndedAt` null: the tenant has a grant again. */
  readonly tenants: readonly {
    readonly tenantId: TenantId
    readonly events: number
    readonly grantEndedAt: string | null
  }[]
}

export interface SubscriptionStats {
  /** Whether any tenant grants it anything now. */
  readonly hasGrant?: boolean
  readonly notGranted?: NotGranted | null
  /** Events of the log that the subscription has not read yet. */
  readonly behind?: number
  /** When the oldest event was appended that it is not done with. */
  readonly behindSince?: string | null
  /** Then retention drops that event: what it has not read is lost to it. */
  readonly keptUntil?: string | null
  /** Null: it keeps up, or is disabled. */
  readonly catchUp?: CatchUpProgress | null
  readonly [field: string]: unknown
}

/** Events that no delivery was begun for. */
export interface SkippedSpan {
  readonly reason: 'catch_up_cancelled' | 'enabled_from_now' | 'enabled_from_time' | 'retention' | 'several'
  readonly at: string
  /** Of the subscription's own, still in the log; at most so many, if not exact. */
  readonly events: number
  readonly isExact: boolean
  /** Of anybody's, which retention has dropped: they cannot be brought back. */
  readonly droppedEvents: number
  readonly after: { readonly [topic: string]: string }
  readonly firstAt: string | null
  readonly lastAt: string | null
  /** What `rewind` takes to bring it back; null: nothing of it is left. */
  readonly rewind: { readonly to: { readonly time: string } } | null
}

/** Everything that a subscription was due and has not had. */
export interface Missed {
  readonly subscription: string
  /** Still to be read: not missed, but to come. */
  readonly behind: number
  readonly deliveries: { readonly waiting: number; readonly failed: number; readonly superseded: number }
  /** Absent: this server does not say. */
  readonly notGranted?: NotGranted | null
  /** Newest first. */
  readonly skipped: readonly SkippedSpan[]
}
