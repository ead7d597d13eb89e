import { AppError } from '../core/errors.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import { hasElapsed } from '../core/time/elapsed.ts'
import type { EventLog } from '../log/event-log.ts'
import { type EventView, isShown } from './event-view.ts'

const sliceBytes = 1024 * 1024
/** Events looked at for one answer when the filter passes few: an answer says how far it got. */
const maxConsidered = 20_000
/** Bytes of text in one answer. */
const maxAnswerBytes = 4 * 1024 * 1024

export interface FeedRequest {
  readonly topic: string
  readonly partition: number
  /** Exclusive. */
  readonly after: number
  /** 1 to 1,000. */
  readonly limit: number
  /** How long to wait for an event when there is none; 0 to 60,000. */
  readonly waitMs: number
  readonly view: EventView
  /** False: the reader's key is no longer good. */
  readonly isAllowed: () => boolean
  /** The client went away. */
  readonly isGone: () => boolean
}

export interface FeedPage {
  readonly events: readonly StoredEvent[]
  /** The last event of the topic that was considered, shown or not; `after` when there was none. */
  readonly next: number
}

/**
 * Reads on from a position, and waits when there is nothing: replay and live are the same loop.
 *
 * @throws AppError `unauthorized` when the reader's key ended meanwhile
 */
export async function readFeed(log: EventLog, clock: Clock, request: FeedRequest): Promise<FeedPage> {
  const topics = new Set([request.topic])
  const events: StoredEvent[] = []
  const beganAtMs = clock.now()
  let after = request.after
  let next = request.after
  let considered = 0
  let bytes = 0
  for (;;) {
    const waiting = nextAppend(log, clock, beganAtMs + request.waitMs)
    const slice = await log.read({
      partition: request.partition,
      after,
      topics,
      maxBytes: sliceBytes,
      maxEvents: Math.min(1_000, maxConsidered),
    })
    // It may have ended while the log was read, or while there was nothing to read.
    if (!request.isAllowed()) {
      waiting.cancel()
      throw new AppError('unauthorized', 'The key ended while the request waited. Use one that is valid.')
    }
    for (const event of slice.events) {
      considered += 1
      if (isShown(request.view, event)) {
        events.push(event)
        bytes += event.head.length + event.tail.length
      }
      next = event.position
      if (events.length >= request.limit || bytes >= maxAnswerBytes) break
    }
    const isFull = events.length >= request.limit || bytes >= maxAnswerBytes
    const isAtEnd =
      slice.next === after || (slice.events.length === 0 && slice.next >= log.bounds(request.partition).latest)
    after = isFull ? next : slice.next
    if (isFull || considered >= maxConsidered || (isAtEnd && events.length > 0)) {
      waiting.cancel()
      // Of several reads, the first were judged some time ago.
      return { events: events.filter(request.view.mayShow), next }
    }
    if (!isAtEnd) {
      waiting.cancel()
      continue
    }
    if (hasElapsed(beganAtMs, request.waitMs, clock.now()) || request.isGone()) {
      waiting.cancel()
      return { events, next }
    }
    await waiting.promise
  }
}

/** Resolves at the next append or at the deadline; listening begins now, so that nothing slips between. */
function nextAppend(log: EventLog, clock: Clock, deadlineMs: number): { promise: Promise<void>; cancel: () => void } {
  let cancel = () => {}
  const promise = new Promise<void>((resolve) => {
    const stopListening = log.onAppended(() => finish())
    // A client that left is noticed every second.
    const stopTimer = clock.schedule(Math.min(1_000, Math.max(0, deadlineMs - clock.now())), () => finish())
    const finish = () => {
      stopListening()
      stopTimer()
      resolve()
    }
    cancel = finish
  })
  return { promise, cancel }
}
