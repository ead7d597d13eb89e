import { randomInt } from 'node:crypto'
import { AppError } from '../../core/errors.ts'
import type { LogPlace, NewEvent, StoredEvent } from '../../core/event/event.ts'
import type { TenantId } from '../../core/ids/tenant-id.ts'
import { type Clock, systemClock } from '../../core/time/clock.ts'
import type { AppendedEvent, AppendResult, EventLog, LogBounds, LogSlice, ReadRequest } from '../../log/event-log.ts'

export interface MemoryLogOptions {
  readonly clock?: Clock
  readonly epoch?: number
  /** How many positions from this one on no event gets, as other engines leave some out; none unless given. */
  readonly holeBefore?: (position: number) => number
}

/** The event log as plainly as it can be said: the model that the others are compared with. */
export class MemoryLog implements EventLog {
  readonly epoch: number
  readonly #clock: Clock
  readonly #holeBefore: (position: number) => number
  readonly #wakes = new Set<{ readonly wake: () => void }>()
  readonly #published = new Map<string, { readonly position: number; readonly fingerprint: string }>()
  #events: StoredEvent[] = []
  #earliest = 0
  #lastAppendedAtMs = 0
  #isClosed = false

  constructor(options: MemoryLogOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#holeBefore = options.holeBefore ?? (() => 0)
    this.epoch = options.epoch ?? randomInt(0x1_0000)
  }

  async append(events: readonly NewEvent[]): Promise<AppendResult> {
    this.#checkOpen()
    let { latest } = this.bounds(0)
    const appended: AppendedEvent[] = []
    const added = new Map<string, { readonly position: number; readonly fingerprint: string }>()
    const fresh: (LogPlace & { readonly event: NewEvent })[] = []
    const reused: number[] = []
    for (const [index, event] of events.entries()) {
      const key = `${event.tenantId}\0${event.id}`
      const known = event.fingerprint === undefined ? undefined : (added.get(key) ?? this.#known(key))
      if (known && known.fingerprint !== event.fingerprint) {
        reused.push(index)
      } else if (known) {
        appended.push({ partition: 0, position: known.position, isDuplicate: true })
      } else {
        latest += 1 + this.#holeBefore(latest + 1)
        const place = { partition: 0, position: latest }
        fresh.push({ ...place, event })
        appended.push({ ...place, isDuplicate: false })
        if (event.fingerprint !== undefined) added.set(key, { position: latest, fingerprint: event.fingerprint })
      }
    }
    if (reused.length > 0) return { kind: 'id-reused', indexes: reused }
    for (const [key, place] of added) this.#published.set(key, place)
    this.#store(fresh)
    return { kind: 'appended', events: appended }
  }

  async read(request: ReadRequest): Promise<LogSlice> {
    this.#checkOpen()
    const { latest } = this.bounds(0)
    const events: StoredEvent[] = []
    let bytes = 0
    for (const event of this.#events) {
      if (event.position <= request.after || (request.topics && !request.topics.has(event.topic))) continue
      events.push(event)
      bytes += event.head.length + event.tail.length
      if (bytes >= request.maxBytes || events.length >= request.maxEvents) return { events, next: event.position }
    }
    return { events, next: Math.max(request.after, latest) }
  }

  async readAt(_partition: number, positions: readonly number[]): Promise<readonly StoredEvent[]> {
    this.#checkOpen()
    return this.#events.filter(({ position }) => positions.includes(position))
  }

  async refresh(): Promise<void> {
    this.#checkOpen()
  }

  bounds(_partition: number): LogBounds {
    return { earliest: this.#earliest, latest: this.#events.at(-1)?.position ?? this.#earliest }
  }

  async positionBefore(_partition: number, timeMs: number): Promise<number> {
    this.#checkOpen()
    return this.#events.findLast((event) => event.appendedAtMs < timeMs)?.position ?? this.#earliest
  }

  async placesOf(id: string, tenantIds: readonly TenantId[]): Promise<readonly LogPlace[]> {
    this.#checkOpen()
    return tenantIds.flatMap((tenantId) => {
      const known = this.#known(`${tenantId}\0${id}`)
      return known ? [{ partition: 0, position: known.position }] : []
    })
  }

  onAppended(wake: () => void): () => void {
    const entry = { wake }
    this.#wakes.add(entry)
    return () => this.#wakes.delete(entry)
  }

  async dropBefore(timeMs: number): Promise<number> {
    this.#checkOpen()
    const kept = this.#events.filter((event) => event.appendedAtMs >= timeMs)
    const dropped = this.#events.slice(0, this.#events.length - kept.length)
    this.#events = kept
    this.#earliest = dropped.at(-1)?.position ?? this.#earliest
    return dropped.length
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#wakes.clear()
  }

  /** An id is known for as long as its event is kept. */
  #known(key: string) {
    const known = this.#published.get(key)
    return known && known.position > this.#earliest ? known : undefined
  }

  #store(fresh: readonly (LogPlace & { readonly event: NewEvent })[]): void {
    if (fresh.length === 0) return
    this.#lastAppendedAtMs = Math.max(this.#lastAppendedAtMs, this.#clock.now())
    for (const { event, ...place } of fresh) {
      const { topic, tenantId, type, entityKey, isQuiet, head, tail } = event
      const appendedAtMs = this.#lastAppendedAtMs
      this.#events.push({ ...place, appendedAtMs, topic, tenantId, type, entityKey, isQuiet, head, tail })
    }
    for (const { wake } of this.#wakes) wake()
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new AppError('shutting_down', 'The event log is closed.')
  }
}
