import type { Clock } from '../core/clock.ts'
import type { DeliveryStore } from '../deliver/delivery-store.ts'
import type { EventLog } from './event-log.ts'

/** Retention is looked after at least this often; whole batches go, so nothing is gained by more. */
const longestPauseMs = 600_000

export interface RetentionDeps {
  readonly log: EventLog
  readonly delivery: DeliveryStore
  readonly clock: Clock
  readonly retentionMs: number
  readonly onDropped: (events: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Drops events and attempts older than the retention, again and again. Returns its stop. */
export function startRetention(deps: RetentionDeps): () => void {
  const pauseMs = Math.min(longestPauseMs, Math.max(1_000, Math.floor(deps.retentionMs / 10)))
  let isStopped = false
  let cancel = () => {}
  const run = async () => {
    try {
      const beforeMs = deps.clock.now() - deps.retentionMs
      const dropped = await deps.log.dropBefore(beforeMs)
      if (dropped > 0) deps.onDropped(dropped)
      await deps.delivery.dropBefore(beforeMs)
    } catch (error) {
      if (!isStopped) deps.onFailure(error)
    }
    if (!isStopped) cancel = deps.clock.schedule(pauseMs, () => void run())
  }
  cancel = deps.clock.schedule(1_000, () => void run())
  return () => {
    isStopped = true
    cancel()
  }
}
