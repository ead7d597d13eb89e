import type { StoredEvent } from '../../../core/event/event.ts'
import type { LogSlice, ReadRequest } from '../../../log/event-log.ts'

/** How many events one read looks at: a reader of a rare topic does not hold up everyone else. */
const eventsPerRead = 20_000

/** The newest events of the log, in memory without a gap, so that live readers never touch the disk. */
export class LogTail {
  readonly #maxBytes: number
  #events: StoredEvent[] = []
  /** Events before this index are dropped, and cut off when they are half of all. */
  #start = 0
  #bytes = 0
  /** The position before the first event here. */
  #before: number

  constructor(options: { readonly latest: number; readonly maxBytes: number }) {
    this.#before = options.latest
    this.#maxBytes = options.maxBytes
  }

  /** Reading after this position, or a later one, can be answered from here. */
  get before(): number {
    return this.#before
  }

  push(event: StoredEvent): void {
    this.#events.push(event)
    this.#bytes += textLength(event)
    while (this.#bytes > this.#maxBytes) this.#dropFirst()
  }

  dropUntil(position: number): void {
    while (this.#before < position && this.#start < this.#events.length) this.#dropFirst()
  }

  /** The event at a position after `before`, up to the newest one. */
  at(position: number): StoredEvent {
    return this.#events[this.#start + position - this.#before - 1]!
  }

  /** @param request with `after` at or above `before`. */
  read(request: ReadRequest): LogSlice {
    const { after, topics, maxBytes, maxEvents } = request
    const events: StoredEvent[] = []
    const first = this.#start + (after - this.#before)
    const end = Math.min(this.#events.length, first + eventsPerRead)
    let bytes = 0
    for (let index = first; index < end; index++) {
      const event = this.#events[index]!
      if (topics && !topics.has(event.topic)) continue
      events.push(event)
      bytes += textLength(event)
      if (bytes >= maxBytes || events.length >= maxEvents) return { events, next: event.position }
    }
    return { events, next: Math.max(after, end - this.#start + this.#before) }
  }

  #dropFirst(): void {
    this.#bytes -= textLength(this.#events[this.#start]!)
    this.#start++
    this.#before++
    if (this.#start * 2 < this.#events.length || this.#start < 1024) return
    this.#events = this.#events.slice(this.#start)
    this.#start = 0
  }
}

/** In UTF-16 code units, as in every `LogSlice`: close enough to bytes for a limit on memory. */
function textLength(event: StoredEvent): number {
  return event.head.length + event.tail.length
}
