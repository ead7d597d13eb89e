import { onlyPartition } from '../core/event/partition.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog } from './event-log.ts'
import { firstAfter } from './look-up.ts'

/**
 * How long an event stays in the log for a delivery of it that waits, counted from its appending: as
 * long as the longest schedule of a dialect, 25 attempts in 20.4 days. A retention that is longer holds.
 */
const longestWaitMs = 21 * 24 * 3_600_000

/** Retention is looked after at least this often; whole batches go, so nothing is gained by more. */
const longestPauseMs = 600_000

/** Whoever still needs events of the log, and keeps records about them that grow old with them. */
export interface NeededEvents {
  /** The lowest position after `after` that a delivery waits for; null when none waits. */
  oldestWaiting(request: { readonly partition: number; readonly after: number }): Promise<number | null>
  /** Drops records of before `timeMs`, in epoch milliseconds. */
  dropBefore(timeMs: number): Promise<void>
}

export interface RetentionDeps {
  readonly log: EventLog
  readonly needed: NeededEvents
  readonly clock: Clock
  readonly retentionMs: number
  readonly onDropped: (events: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Drops events and attempts older than the retention, again and again; not an event that is to be sent yet. Returns its stop. */
export function startRetention(deps: RetentionDeps): () => void {
  const pauseMs = Math.min(longestPauseMs, Math.max(1_000, Math.floor(deps.retentionMs / 10)))
  let isStopped = false
  let cancel = () => {}
  const run = async () => {
    try {
      const beforeMs = deps.clock.now() - deps.retentionMs
      const dropped = await deps.log.dropBefore(Math.min(beforeMs, await neededFromMs(deps)))
      if (dropped > 0) deps.onDropped(dropped)
      await deps.needed.dropBefore(beforeMs)
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

/** When the oldest event was appended that a waiting delivery needs, as far as it may hold the log up. */
async function neededFromMs({ log, needed, clock }: RetentionDeps): Promise<number> {
  // An event that only a disabled subscription waits for may be gone already. It does not hold retention up.
  const after = log.bounds(onlyPartition).earliest
  const position = await needed.oldestWaiting({ partition: onlyPartition, after })
  if (position === null) return Number.POSITIVE_INFINITY
  const event = await firstAfter(log, onlyPartition, position - 1)
  return Math.max(event?.appendedAtMs ?? Number.POSITIVE_INFINITY, clock.now() - longestWaitMs)
}
