import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import type { Subscription } from '../../core/registry/registry.ts'

/** What became of a subscription's deliveries. */
export interface LastAttempts {
  /** The newest attempt of a subscription; null: none is kept. */
  lastAttempt(subscription: Subscription): Promise<AttemptRecord | null>
}
