import type { StoredEvent } from '../core/event/event.ts'
import type { EventLog } from './event-log.ts'

const sliceBytes = 1024 * 1024
/** Neighbours this close are read together. */
const sliceEvents = 100

/** The events at these positions that are kept, by position. Neighbours are read together, so a page of a list costs few reads. */
export async function eventsAt(
  log: EventLog,
  partition: number,
  positions: Iterable<number>,
): Promise<ReadonlyMap<number, StoredEvent>> {
  const sought = new Set(positions)
  const found = new Map<number, StoredEvent>()
  let read = 0
  for (const position of [...sought].sort((a, b) => a - b)) {
    if (position <= read) continue
    const slice = await log.read({ partition, after: position - 1, maxBytes: sliceBytes, maxEvents: sliceEvents })
    for (const event of slice.events) if (sought.has(event.position)) found.set(event.position, event)
    read = slice.next
  }
  return found
}

/** The event at a position; undefined: the log no longer keeps it, or it has none there. @throws what the log could not be read for */
export async function eventAt(
  log: Pick<EventLog, 'read'>,
  partition: number,
  position: number,
): Promise<StoredEvent | undefined> {
  const first = await firstAfter(log, partition, position - 1)
  return first?.position === position ? first : undefined
}

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
