import type { StoredEvent } from '../core/event/event.ts'
import type { LogReading } from './event-log.ts'

/** Positions that are read together, at first; more where few events stand in them. */
const leastSpan = 1_000
const widening = 8
const sliceBytes = 4 * 1024 * 1024
const sliceEvents = 1_000

export interface NewestRequest {
  readonly partition: number
  /** Exclusive. */
  readonly before: number
  /** Exclusive, and below it nothing is looked for. */
  readonly after: number
  readonly topics?: ReadonlySet<string>
  readonly matches: (event: StoredEvent) => boolean
  readonly limit: number
  /** Looked at, at most: a question that nothing answers reads no whole log (invariant 8). */
  readonly mostLookedAt: number
}

export interface NewestEvents {
  /** Newest first. */
  readonly events: readonly StoredEvent[]
  /** The `before` of the next page; null: nothing is left. */
  readonly next: number | null
}

/** The newest events that match, read backwards a stretch at a time. A page may be short, even empty, while there is more. */
export async function newestEvents(
  log: Pick<LogReading, 'read' | 'bounds'>,
  request: NewestRequest,
): Promise<NewestEvents> {
  const { partition, matches, limit, mostLookedAt } = request
  const floor = Math.max(request.after, log.bounds(partition).earliest)
  const found: StoredEvent[] = []
  let { before } = request
  let lookedAt = 0
  for (let span = leastSpan; before - 1 > floor; ) {
    const after = Math.max(floor, before - 1 - span)
    const stretch = await stretchOf(log, request, after, before)
    for (const event of stretch.toReversed()) {
      lookedAt += 1
      if (!matches(event)) continue
      found.push(event)
      if (found.length === limit) return { events: found, next: event.position }
    }
    before = after + 1
    if (lookedAt >= mostLookedAt && after > floor) return { events: found, next: before }
    span = stretch.length < leastSpan / widening ? span * widening : leastSpan
  }
  return { events: found, next: null }
}

/** All events between two places, both exclusive, of these topics. */
async function stretchOf(
  log: Pick<LogReading, 'read'>,
  { partition, topics }: NewestRequest,
  after: number,
  before: number,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let place = after; place < before - 1; ) {
    const limits = { maxBytes: sliceBytes, maxEvents: sliceEvents }
    const slice = await log.read({ partition, after: place, ...(topics && { topics }), ...limits })
    for (const event of slice.events) if (event.position < before) events.push(event)
    if (slice.next <= place) break
    place = slice.next
  }
  return events
}
