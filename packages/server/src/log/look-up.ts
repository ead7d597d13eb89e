import type { StoredEvent } from '../core/event/event.ts'
import type { EventLog } from './event-log.ts'

/**
 * The last event after a position and up to another; undefined: there is none. It reads one event where one stands at
 * `to`, and otherwise as many as the hole before `to` has binary digits, twice.
 * @throws what the log could not be read for
 */
export async function lastUpTo(
  log: Pick<EventLog, 'read'>,
  partition: number,
  { after, to }: { readonly after: number; readonly to: number },
): Promise<StoredEvent | undefined> {
  /** From here up to `to` there is none. */
  let empty = to
  let last: StoredEvent | undefined
  for (let back = 1; last === undefined && empty > after; back *= 2) {
    const from = Math.max(after, to - back)
    last = await firstUpTo(from, empty)
    if (last === undefined) empty = from
  }
  while (last !== undefined && last.position < empty) {
    const middle = Math.floor((last.position + empty) / 2)
    const later = await firstUpTo(middle, empty)
    if (later) last = later
    else empty = middle
  }
  return last

  async function firstUpTo(from: number, end: number): Promise<StoredEvent | undefined> {
    const event = await firstAfter(log, partition, from)
    return event && event.position <= end ? event : undefined
  }
}

/** The first event after a position that is kept; undefined: there is none. @throws what the log could not be read for */
export async function firstAfter(
  log: Pick<EventLog, 'read'>,
  partition: number,
  position: number,
): Promise<StoredEvent | undefined> {
  const { events } = await log.read({ partition, after: Math.max(0, position), maxBytes: 1, maxEvents: 1 })
  return events[0]
}
