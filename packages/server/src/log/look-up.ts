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

/** The first event after a position that is kept; undefined: there is none. @throws what the log could not be read for */
export async function firstAfter(
  log: Pick<EventLog, 'read'>,
  partition: number,
  position: number,
): Promise<StoredEvent | undefined> {
  const { events } = await log.read({ partition, after: Math.max(0, position), maxBytes: 1, maxEvents: 1 })
  return events[0]
}
