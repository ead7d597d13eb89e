import type { ManualClock } from '../../core/time/clock.ts'
import type { EventLog } from '../../log/event-log.ts'

/** An engine as the suites of the event log use it. */
export interface LogEngine {
  /** A new, empty log. */
  open(options: { readonly clock: ManualClock }): Promise<EventLog>
  /** Closes a log and opens what it stored; absent when the engine stores nothing. */
  reopen?(log: EventLog, options: { readonly clock: ManualClock }): Promise<EventLog>
}
