import type { NewEvent, StoredEvent } from '../../core/event/event.ts'
import type { AppendedEvent, EventLog, ReadRequest } from '../../log/event-log.ts'

/** Where the events were appended; they are expected to be taken. */
export async function append(log: EventLog, events: readonly NewEvent[]): Promise<readonly AppendedEvent[]> {
  const result = await log.append(events)
  if (result.kind !== 'appended') throw new Error(`refused: ${result.kind}`)
  return result.events
}

export async function positionsOf(log: EventLog, events: readonly NewEvent[]): Promise<number[]> {
  return (await append(log, events)).map((event) => event.position)
}

/** Everything after a position, by as many reads as it takes. */
export async function readAll(log: EventLog, request: Partial<ReadRequest> = {}): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  const limits = { partition: 0, maxBytes: 300_000, maxEvents: 70, ...request }
  for (let after = request.after ?? 0; ; ) {
    const slice = await log.read({ ...limits, after })
    events.push(...slice.events)
    if (slice.next >= log.bounds(limits.partition).latest) return events
    if (slice.next <= after) throw new Error(`a read after ${after} did not move on`)
    after = slice.next
  }
}
