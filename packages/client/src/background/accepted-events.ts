import type { PublishedEvent } from '../publish.ts'

/** An event from the moment in which it was accepted to the moment in which its outcome is known. */
export interface AcceptedEntry {
  readonly id: string
  /** The event as it goes out, `id` included. */
  readonly text: string
  /** Of `text`, as UTF-8. */
  readonly bytes: number
  /** Milliseconds of the clock. */
  readonly acceptedAtMs: number
  published(event: PublishedEvent): void
  refused(error: Error): void
}

export interface EventLimits {
  readonly events: number
  readonly bytes: number
}

/** Accepted events in the order of their acceptance, within a cap. Whoever is at the cap decides who waits. */
export class AcceptedEvents {
  readonly #cap: EventLimits
  #entries: AcceptedEntry[] = []
  #bytes = 0

  constructor(cap: EventLimits) {
    this.#cap = cap
  }

  get count(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  get oldest(): AcceptedEntry | undefined {
    return this.#entries[0]
  }

  /** An event that is larger than the whole cap has room when nothing else is there: else it could never go. */
  hasRoomFor(bytes: number): boolean {
    if (this.count === 0) return true
    return this.count < this.#cap.events && this.#bytes + bytes <= this.#cap.bytes
  }

  add(entry: AcceptedEntry): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
  }

  /** Whether what waits makes a whole batch. */
  fills(batch: EventLimits): boolean {
    return this.count >= batch.events || this.#bytes >= batch.bytes
  }

  /** The oldest, as many as go together; at least one when there is one. They stay until they are settled. */
  first(batch: EventLimits): readonly AcceptedEntry[] {
    let bytes = 0
    let count = 0
    for (const entry of this.#entries) {
      bytes += entry.bytes
      if (count > 0 && (count >= batch.events || bytes > batch.bytes)) break
      count++
    }
    return this.#entries.slice(0, count)
  }

  /** Their outcome is known: their room is free. */
  remove(settled: ReadonlySet<AcceptedEntry>): void {
    this.#entries = this.#entries.filter((entry) => !settled.has(entry))
    for (const entry of settled) this.#bytes -= entry.bytes
  }
}
