import type { StoredEvent } from '../../../core/event/event.ts'
import { decodeRecordBatch } from '../../../core/event/record-batch.ts'
import type { LogSlice } from '../../../log/event-log.ts'
import type { AtResult, RowsRequest, RowsResult } from './messages.ts'

/** Puts the events of batches in order, segment by segment, and ends the slice at its limits. */
export function sliceOfRows(request: RowsRequest, { rows, bodies, isEnd }: RowsResult): LogSlice {
  const events: StoredEvent[] = []
  let bytes = 0
  let bodyAt = 0
  for (let first = 0; first < rows.length; ) {
    const { segment } = rows[first]!
    const merged: StoredEvent[] = []
    let index = first
    for (; rows[index]?.segment === segment; index++) {
      const { base, topic, appendedAtMs, length } = rows[index]!
      const part = { base, topic, appendedAtMs, partition: 0, after: request.after, until: request.until }
      const maxEvents = request.maxEvents - events.length
      merged.push(...decodeRecordBatch(bodies.subarray(bodyAt, bodyAt + length), { ...part, maxEvents }))
      bodyAt += length
    }
    if (index > first + 1) merged.sort((a, b) => a.position - b.position)
    for (const event of merged) {
      events.push(event)
      bytes += event.head.length + event.tail.length
      if (bytes >= request.maxBytes || events.length >= request.maxEvents) return { events, next: event.position }
    }
    first = index
  }
  return { events, next: isEnd ? request.until : (events.at(-1)?.position ?? request.until) }
}

/** The events at these positions, ascending, out of the batches that hold them. */
export function eventsOfRows(positions: readonly number[], { rows, bodies }: AtResult): StoredEvent[] {
  const sought = new Set(positions)
  const events: StoredEvent[] = []
  let bodyAt = 0
  for (const { base, topic, appendedAtMs, length } of rows) {
    const body = bodies.subarray(bodyAt, bodyAt + length)
    bodyAt += length
    const all = { after: 0, until: Number.POSITIVE_INFINITY, maxEvents: Number.POSITIVE_INFINITY }
    for (const event of decodeRecordBatch(body, { base, topic, appendedAtMs, partition: 0, ...all })) {
      if (sought.has(event.position)) events.push(event)
    }
  }
  return events.sort((a, b) => a.position - b.position)
}
