import type { LogPlace, NewEvent, StoredEvent } from '../core/event/event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'

/** What became of one `append`. All of its events were taken, or none. */
export type AppendResult =
  | { readonly kind: 'appended'; readonly events: readonly AppendedEvent[] }
  /** These indexes carry the id of another event of their tenant; nothing was appended. */
  | { readonly kind: 'id-reused'; readonly indexes: readonly number[] }

export interface AppendedEvent {
  readonly partition: number
  readonly position: number
  /** True: the id was known within the retention, and this is the first one's place. */
  readonly isDuplicate: boolean
}

export interface ReadRequest {
  readonly partition: number
  /** Exclusive. Below the earliest kept position it means the earliest. */
  readonly after: number
  /** Only these topics; all when absent. */
  readonly topics?: ReadonlySet<string>
  /** A slice ends after the event that reaches this many bytes of text; at least one event fits. */
  readonly maxBytes: number
  readonly maxEvents: number
}

export interface LogSlice {
  /** Ascending by position. */
  readonly events: readonly StoredEvent[]
  /**
   * All events up to here were considered: the `after` of the next read. It moves even when no
   * event passed the topics, and equals `latest` when the end was reached.
   */
  readonly next: number
}

export interface LogBounds {
  /** A position before the earliest kept event and at or after the last dropped one: reading after it gives everything. 0 in a new log. */
  readonly earliest: number
  /** The position of the last durable event; equals `earliest` when no event is kept. */
  readonly latest: number
}

/**
 * The ordered, durable log.
 *
 * Positions ascend and may have holes: there are positions at which no event ever stood, in any number, also at the
 * beginning. So the event before or after a position is found by reading, never by counting, and between two positions
 * stand at most as many events as their difference.
 *
 * Guarantees: an `append` resolves when its events are on disk, and its events stand in the order
 * given; appends are ordered as called; a reader never sees an event that is not durable, nor a gap
 * that is filled later; the same read gives the same events with the same bytes until retention
 * drops them. There is no transaction with any other store.
 *
 * This is the half for those who read it.
 */
export interface LogReading {
  /** Random, made with the log: tells the offsets of this log from those of a lost one. 0 to 65,535. */
  readonly epoch: number

  read(request: ReadRequest): Promise<LogSlice>

  /**
   * The events at these positions that are kept, each once, ascending, in whatever order and how often they were asked
   * for; positions without an event are left out. One call for many costs less than a call for each.
   */
  readAt(partition: number, positions: readonly number[]): Promise<readonly StoredEvent[]>

  /**
   * Everything that was acknowledged anywhere before the call is visible after it: to reads, bounds and look-ups. Where
   * nobody else appends, there is nothing to do.
   */
  refresh(): Promise<void>

  /** The bounds of the events that are kept and durable right now. Synchronous, from memory. */
  bounds(partition: number): LogBounds

  /** The last position appended before `timeMs`: reading after it gives what came at or after that time. */
  positionBefore(partition: number, timeMs: number): Promise<number>

  /** Calls back after something became durable. A wake-up carries no data; it may be lost or doubled harmlessly. */
  onAppended(wake: () => void): () => void
}

/** The whole log, for the one who owns it. */
export interface EventLog extends LogReading {
  /**
   * Appends all or nothing. Many callers share one commit.
   * @throws AppError `overloaded` when the bytes waiting to be written reach the cap; `storage_unavailable`
   * when the disk refused (nothing was acknowledged, the log goes on and later appends may succeed).
   */
  append(events: readonly NewEvent[]): Promise<AppendResult>

  /**
   * Where the events stand that were published under this id for these tenants, in the order of the tenants; of
   * ids that the publisher gave alone, and as long as the event is kept. Appends go first: a question about many
   * tenants is answered in small pieces between them.
   */
  placesOf(id: string, tenantIds: readonly TenantId[]): Promise<readonly LogPlace[]>

  /** Drops whole batches whose every event was appended before `timeMs`. Returns how many events went. */
  dropBefore(timeMs: number): Promise<number>

  /** Waits for appends under way, then releases the store. Later calls throw `shutting_down`. */
  close(): Promise<void>
}
