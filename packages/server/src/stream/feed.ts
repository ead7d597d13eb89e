import { AppError } from '../core/errors.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import { hasElapsed } from '../core/time/elapsed.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Course, type FollowedSlice, FollowLoop, type NextStep, type Rest } from '../log/follow-loop.ts'
import { type EventView, isShown } from './event-view.ts'

const sliceBytes = 1024 * 1024
const sliceEvents = 1_000
/** Events looked at for one answer when the filter passes few: an answer says how far it got. */
const maxConsidered = 20_000
/** Bytes of text in one answer. */
const maxAnswerBytes = 4 * 1024 * 1024
/** A client that left is noticed this soon. */
const recheckMs = 1_000

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
 * @throws AppError `unauthorized` when the reader's key ended meanwhile, and what the log could not be read for
 */
export async function readFeed(log: EventLog, clock: Clock, request: FeedRequest): Promise<FeedPage> {
  const reading = new FeedReading(clock, request)
  await new FollowLoop({ log, clock, partition: request.partition, onFailure: null }, reading).run()
  return reading.page()
}

class FeedReading implements Course {
  readonly #clock: Clock
  readonly #request: FeedRequest
  readonly #topics: ReadonlySet<string>
  readonly #beganAtMs: number
  readonly #events: StoredEvent[] = []
  #after: number
  /** The last event of the topic that was considered. */
  #considered: number
  #count = 0
  #bytes = 0

  constructor(clock: Clock, request: FeedRequest) {
    this.#clock = clock
    this.#request = request
    this.#topics = new Set([request.topic])
    this.#beganAtMs = clock.now()
    this.#after = request.after
    this.#considered = request.after
  }

  next(): NextStep {
    if (this.#isFull || this.#count >= maxConsidered) return { kind: 'end' }
    return { kind: 'read', after: this.#after, topics: this.#topics, maxBytes: sliceBytes, maxEvents: sliceEvents }
  }

  take({ events, next }: FollowedSlice): void {
    this.#checkAllowed()
    for (const event of events) {
      this.#count += 1
      this.#considered = event.position
      if (!isShown(this.#request.view, event)) continue
      this.#events.push(event)
      this.#bytes += event.head.length + event.tail.length
      if (this.#isFull) break
    }
    this.#after = next
  }

  atEnd(): Rest {
    this.#checkAllowed()
    const { waitMs, isGone } = this.#request
    const nowMs = this.#clock.now()
    if (this.#events.length > 0 || isGone() || hasElapsed(this.#beganAtMs, waitMs, nowMs)) return { kind: 'end' }
    return { kind: 'wait', mostMs: Math.min(recheckMs, Math.max(0, this.#beganAtMs + waitMs - nowMs)) }
  }

  page(): FeedPage {
    // Of several reads, the first were judged some time ago.
    return { events: this.#events.filter(this.#request.view.mayShow), next: this.#considered }
  }

  get #isFull(): boolean {
    return this.#events.length >= this.#request.limit || this.#bytes >= maxAnswerBytes
  }

  /** It may have ended while the log was read, or while there was nothing to read. */
  #checkAllowed(): void {
    if (this.#request.isAllowed()) return
    throw new AppError('unauthorized', 'The key ended while the request waited. Use one that is valid.')
  }
}
