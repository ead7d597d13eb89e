import type { Catalogue } from '../../catalogue/catalogue.ts'
import type { StoredEvent } from '../../core/event/event.ts'
import { compilePatterns } from '../../core/event/event-type-pattern.ts'
import { onlyPartition } from '../../core/event/partition.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { formatRfc3339 } from '../../core/time/time.ts'
import type { EventLog } from '../../log/event-log.ts'
import { firstAfter } from '../../log/look-up.ts'
import type { PlaceView } from './shapes.ts'

export interface LogPlacesParts {
  readonly log: EventLog
  readonly catalogue: () => Catalogue
  readonly offsetOf: (place: { readonly topic: string; readonly position: number }) => string
}

/** Positions of the log, as integrators see them: by offsets and times. */
export class LogPlaces {
  readonly #parts: LogPlacesParts

  constructor(parts: LogPlacesParts) {
    this.#parts = parts
  }

  /** Of the first event after a position. */
  async first(subscription: Subscription, after: number): Promise<PlaceView> {
    return this.#place(subscription, after, await firstAfter(this.#parts.log, onlyPartition, after))
  }

  /** The end of the log. */
  async latest(subscription: Subscription): Promise<PlaceView> {
    const { log } = this.#parts
    const { latest } = log.bounds(onlyPartition)
    const [event] = await log.readAt(onlyPartition, [latest])
    return this.#place(subscription, latest, event)
  }

  /** A position as the offset of each topic that the subscription's types are in. */
  offsetsAt(subscription: Subscription, position: number): PlaceView['offsets'] {
    const { catalogue, offsetOf } = this.#parts
    const wants = compilePatterns(subscription.types)
    const types = catalogue()
      .types(subscription.dialect)
      .filter(({ type }) => wants(type))
    const topics = [...new Set(types.map(({ topic }) => topic))].sort()
    return Object.fromEntries(topics.map((topic) => [topic, offsetOf({ topic, position })]))
  }

  /** When the first event after a position was appended, epoch milliseconds; null: there is none. */
  async sinceMs(after: number): Promise<number | null> {
    return (await firstAfter(this.#parts.log, onlyPartition, after))?.appendedAtMs ?? null
  }

  /** Events of the log after a position. */
  countAfter(position: number): number {
    const { earliest, latest } = this.#parts.log.bounds(onlyPartition)
    return Math.max(0, latest - Math.max(position, earliest))
  }

  #place(subscription: Subscription, position: number, event: StoredEvent | undefined): PlaceView {
    return {
      time: event ? formatRfc3339(event.appendedAtMs) : null,
      offsets: this.offsetsAt(subscription, position),
    }
  }
}
