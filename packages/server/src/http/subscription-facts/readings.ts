import type { CatchUp } from '../../core/delivery/catch-up.ts'
import type { Pace } from '../../core/delivery/pace.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { MissedSpan } from '../../follow/missed.ts'
import type { Asker, NotGranted } from '../../follow/not-granted.ts'

/** Where a subscription's reading of the log is. */
export interface ReadingState {
  readonly mode: 'shared' | 'own'
  /** The last sequence given. */
  readonly sequence: number
  /** Null while it keeps up, and while it is disabled. */
  readonly catchUp: CatchUp | null
  /** Of the log, everything up to here was considered. */
  readonly readTo: number
  readonly pace: Pace | null
}

/** The reading for each subscription, by its number. */
export interface ReadingStates {
  /** Undefined: it is not read for. */
  reading(number: number): ReadingState | undefined
  /** Events of the log to read until it has caught up. */
  behind(number: number): number
  /** How far everything of it is settled. */
  settledTo(number: number): number
}

/** What subscriptions were not sent, and why. */
export interface LeftOutEvents {
  missed(subscription: Subscription): Promise<readonly MissedSpan[]>
  /** Of what it has read. @param cap the most events of the log that are looked at */
  notGranted(subscription: Subscription, cap: number, asker: Asker): Promise<NotGranted | null>
  /** Of what it will read again, when it goes back to a position. */
  notGrantedAfter(subscription: Subscription, after: number, cap: number): Promise<NotGranted | null>
}

/** How subscriptions' endpoints fare. */
export interface EndpointStates {
  endpointOf(subscription: Subscription): { readonly breaker: string; readonly inFlight: number }
}
