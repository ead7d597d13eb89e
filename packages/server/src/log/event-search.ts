import type { StoredEvent } from '../core/event/event.ts'
import { eventId } from '../core/event/event-fields.ts'
import { timeOfId } from '../core/ids/id.ts'
import type { EventLog } from './event-log.ts'

const sliceEvents = 1_000
const sliceBytes = 1024 * 1024
/** Events that the first look goes through at most: a second of a very busy log. */
const nearEvents = 50_000
/** The first look ends after so many events made later than this after the id: what is sought does not come any more. */
const lateEvents = 1_000
const lateMs = 1_000
/** The second look: so many events on either side of the place, whatever their times say. */
const wideEvents = 10_000

/** A stretch of the log that may hold an event. */
interface Stretch {
  readonly after: number
  readonly mostEvents: number
  /** Enough was seen: the event would have come before this one. */
  readonly isPast: (event: StoredEvent) => boolean
}

/**
 * Finds events by ids that nothing else leads to: the log is read at the place where they should
 * stand. One search runs at a time, and each reads a bounded part of the log (invariant 8).
 */
export class EventSearch {
  readonly #log: EventLog
  readonly #partition: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(log: EventLog, partition: number) {
    this.#log = log
    this.#partition = partition
  }

  /**
   * The event of an id that Tidings made. The id carries its time, and the log knows the times of its batches. Where
   * the clock was set between the making of the id and the commit, these differ, so a second look is wider.
   */
  byOwnId(id: string): Promise<StoredEvent | undefined> {
    return this.#alone(async () => {
      const madeAtMs = timeOfId('evt', id)
      if (madeAtMs === undefined) return undefined
      const place = await this.#log.positionBefore(this.#partition, madeAtMs)
      const near = { after: place, mostEvents: nearEvents, isPast: isPastFrom(madeAtMs) }
      return (await this.#find(id, near)) ?? (await this.#find(id, this.#around(place)))
    })
  }

  /** The event with this id among the newest ones, whoever made the id. */
  amongNewest(id: string): Promise<StoredEvent | undefined> {
    const { latest } = this.#log.bounds(this.#partition)
    return this.#alone(() => this.#find(id, this.#around(latest)))
  }

  #around(place: number): Stretch {
    return { after: Math.max(0, place - wideEvents), mostEvents: 2 * wideEvents, isPast: () => false }
  }

  async #find(id: string, { after, mostEvents, isPast }: Stretch): Promise<StoredEvent | undefined> {
    let place = after
    for (let left = mostEvents; left > 0; ) {
      const maxEvents = Math.min(sliceEvents, left)
      const slice = await this.#log.read({ partition: this.#partition, after: place, maxBytes: sliceBytes, maxEvents })
      for (const event of slice.events) {
        if (eventId(event) === id) return event
        if (isPast(event)) return undefined
      }
      if (slice.next <= place || slice.events.length === 0) return undefined
      left -= slice.events.length
      place = slice.next
    }
    return undefined
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

/** Ids tell the time more truly than batches do, which take the latest time that the clock ever showed. */
function isPastFrom(madeAtMs: number): Stretch['isPast'] {
  let late = 0
  return (event) => {
    if ((timeOfId('evt', eventId(event)) ?? event.appendedAtMs) > madeAtMs + lateMs) late += 1
    return late > lateEvents
  }
}
