import type { TidingsEvent } from './event.ts'
import type { EventSearch } from './event-list.ts'
import { parseExact } from './exact-json.ts'
import { queryText } from './http.ts'

export interface Tail {
  /** Newest first. */
  readonly rows: readonly TidingsEvent[]
  /** Newer ones, held back while somebody reads. */
  readonly held: readonly TidingsEvent[]
  readonly isHeld: boolean
  readonly state: 'connecting' | 'open' | 'lost'
  /** When the server was last heard from. */
  readonly heardAtMs: number
}

/** More would only be scrolled past; the list beneath has what is older. */
const maxRows = 200
/** A page draws at most so often, however many events come. */
const drawMs = 200

/** The log as it grows, from now on: a store for React over the server's stream of events. */
export class EventTail {
  readonly #source: EventSource
  readonly #listeners = new Set<() => void>()
  #tail: Tail = { rows: [], held: [], isHeld: false, state: 'connecting', heardAtMs: 0 }
  #drawing: ReturnType<typeof setTimeout> | undefined

  constructor({ topic, types, tenant, entity }: EventSearch) {
    const filter = entity === undefined ? undefined : JSON.stringify({ entityId: entity })
    this.#source = new EventSource(`/v1/stream${queryText({ topics: topic, types, tenants: tenant, filter })}`)
    this.#source.onopen = () => this.#set({ state: 'open', heardAtMs: Date.now() })
    // The browser connects again by itself, after the last event that it got.
    this.#source.onerror = () => this.#set({ state: 'lost' })
    this.#source.onmessage = ({ data }) => {
      if (data !== '') this.#add(parseExact(String(data)) as TidingsEvent)
    }
    this.#source.addEventListener('checkpoint', () => this.#set({ heardAtMs: Date.now() }))
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): Tail => this.#tail

  hold(isHeld: boolean): void {
    if (isHeld === this.#tail.isHeld) return
    if (isHeld) this.#set({ isHeld })
    else this.#set({ isHeld, held: [], rows: [...this.#tail.held, ...this.#tail.rows].slice(0, maxRows) })
  }

  close(): void {
    this.#source.close()
    clearTimeout(this.#drawing)
  }

  #add(event: TidingsEvent): void {
    const { isHeld, held, rows } = this.#tail
    const heardAtMs = Date.now()
    if (isHeld) this.#set({ held: [event, ...held].slice(0, maxRows), heardAtMs })
    else this.#set({ rows: [event, ...rows].slice(0, maxRows), heardAtMs })
  }

  #set(change: Partial<Tail>): void {
    this.#tail = { ...this.#tail, ...change }
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined
      for (const listener of this.#listeners) listener()
    }, drawMs)
  }
}
