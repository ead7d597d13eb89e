import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import { hasElapsed } from '../core/time/elapsed.ts'
import type { EventLog } from '../log/event-log.ts'
import { type Course, type FollowedSlice, FollowLoop, type NextStep, type Rest } from '../log/follow-loop.ts'
import { type EventView, isShown } from './event-view.ts'

const sliceBytes = 256 * 1024
const sliceEvents = 1_000
/** Filtered-out events after which the reader is told how far it is. */
const checkpointEvents = 1_000
/** Silence is broken this often, so that proxies keep the connection and dead ones are noticed. */
const heartbeatMs = 15_000
/** How soon a stream ends whose key has expired. */
const recheckMs = 2_000

/**
 * Server-sent events (WHATWG HTML §9.2):
 *
 *   id: <resume token over all topics>
 *   data: {"type":"invoice.updated",…}
 *
 *   event: checkpoint          nothing passed the filter for a while, but reading went on
 *   id: <resume token>
 *   data: {}
 *
 *   event: draining            the server stops: the connection ends after this
 *   data: {}
 */
export interface EventSourceDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly partition: number
  /** As the catalogue is now. */
  readonly topics: () => ReadonlySet<string>
  readonly view: EventView
  readonly tokenOf: (position: number) => string
  readonly textOf: (event: StoredEvent) => string
  /** False: the reader's key is no longer good. */
  readonly isAllowed: () => boolean
  /** Calls back when the reader's key may have ended. Returns its cancel. */
  readonly onAccessChanged: (wake: () => void) => () => void
  /** Told how far the reader has come. */
  readonly moved: (position: number) => void
  /** Resolves when the connection takes more; false when it has closed. */
  readonly write: (text: string) => Promise<boolean>
}

/**
 * Serves one reader from after `position`, until it leaves, its key goes or `isStopped`.
 *
 * @throws what the log could not be read for
 */
export async function serveEventSource(
  deps: EventSourceDeps,
  position: number,
  isStopped: () => boolean,
): Promise<void> {
  const source = new EventSourceCourse(deps, position, isStopped)
  const loop = new FollowLoop({ ...deps, onFailure: null }, source)
  const stopWatching = deps.onAccessChanged(loop.wake)
  try {
    if (await source.greet()) {
      await loop.run()
      await source.takeLeave()
    }
  } finally {
    stopWatching()
  }
}

class EventSourceCourse implements Course {
  readonly #deps: EventSourceDeps
  readonly #isStopped: () => boolean
  #after: number
  /** The place that the reader was told last. */
  #told: number
  /** Events since then that the filter left out. */
  #skipped = 0
  #spokenAtMs: number
  #hasLeft = false

  constructor(deps: EventSourceDeps, position: number, isStopped: () => boolean) {
    this.#deps = deps
    this.#isStopped = isStopped
    this.#after = position
    this.#told = position
    this.#spokenAtMs = deps.clock.now()
  }

  /** False: the reader has left already. */
  greet(): Promise<boolean> {
    return this.#say(`: tidings\nid: ${this.#deps.tokenOf(this.#after)}\n\n`)
  }

  /** Of a server that stops: the reader may connect elsewhere before this connection ends. */
  async takeLeave(): Promise<void> {
    if (this.#isStopped() && !this.#hasLeft && this.#deps.isAllowed()) await this.#say('event: draining\ndata: {}\n\n')
  }

  next(): NextStep {
    if (this.#hasLeft || this.#isStopped() || !this.#deps.isAllowed()) return { kind: 'end' }
    const topics = this.#deps.topics()
    return { kind: 'read', after: this.#after, topics, maxBytes: sliceBytes, maxEvents: sliceEvents }
  }

  async take({ events, next }: FollowedSlice): Promise<void> {
    const { view, tokenOf, textOf, isAllowed } = this.#deps
    // It may have ended while the log was read.
    if (!isAllowed()) return
    let text = ''
    for (const event of events) {
      if (!isShown(view, event)) {
        this.#skipped += 1
        continue
      }
      text += `id: ${tokenOf(event.position)}\ndata: ${textOf(event)}\n\n`
      this.#tell(event.position)
    }
    this.#after = next
    this.#deps.moved(next)
    if (this.#skipped >= checkpointEvents) {
      text += checkpoint(tokenOf(next))
      this.#tell(next)
    }
    if (text !== '') await this.#say(text)
  }

  async atEnd(): Promise<Rest> {
    const { clock, tokenOf } = this.#deps
    if (hasElapsed(this.#spokenAtMs, heartbeatMs, clock.now())) {
      const hasMoved = this.#after !== this.#told
      this.#tell(this.#after)
      await this.#say(hasMoved ? checkpoint(tokenOf(this.#after)) : ': alive\n\n')
    }
    return this.#hasLeft ? { kind: 'end' } : { kind: 'wait', mostMs: recheckMs }
  }

  #tell(position: number): void {
    this.#told = position
    this.#skipped = 0
  }

  async #say(text: string): Promise<boolean> {
    this.#spokenAtMs = this.#deps.clock.now()
    const isHeard = await this.#deps.write(text)
    this.#hasLeft ||= !isHeard
    return isHeard
  }
}

function checkpoint(token: string): string {
  return `event: checkpoint\nid: ${token}\ndata: {}\n\n`
}
