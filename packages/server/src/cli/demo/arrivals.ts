import type { TenantId } from '@tidings/client'

/** The ways in which an integrator can receive an event. */
export const ways = ['stream', 'webhook', 'feed', 'sse'] as const
export type Way = (typeof ways)[number]

const maxRemembered = 1_000

/** An event as far as every way tells of it: the Fortnox stream has no more. */
export interface Sighting {
  readonly topic: string
  readonly offset: string
  readonly type: string
  readonly tenantId: TenantId
  readonly entityId: string
  /** The event's own time, RFC 3339. */
  readonly timestamp: string
}

/** What is known of one event's arrivals. Times are epoch milliseconds, with fractions. */
export interface Arrival {
  readonly sighting: Sighting
  readonly publishedAtMs: number | undefined
  readonly firstAtMs: number
  readonly atMs: Partial<Record<Way, number>>
}

/**
 * Brings together how each event arrived by each way. An event is done when it has come by all of
 * them, or when it has been waited for long enough.
 */
export class Arrivals {
  readonly #open = new Map<string, { -readonly [K in keyof Arrival]: Arrival[K] }>()
  readonly #published = new Map<string, number>()
  /** Ended lately: a webhook may come twice, and then it is no new event. */
  readonly #ended = new Set<string>()
  readonly #onDone: (arrival: Arrival) => void

  constructor(onDone: (arrival: Arrival) => void) {
    this.#onDone = onDone
  }

  get openCount(): number {
    return this.#open.size
  }

  /** The answer to a publish says where the event stands; an arrival may have been faster than it. */
  published(place: { topic: string; offset: string }, atMs: number): void {
    const key = keyOf(place)
    const open = this.#open.get(key)
    if (open) open.publishedAtMs = atMs
    this.#published.set(key, atMs)
    dropOldest(this.#published)
  }

  arrived(way: Way, sighting: Sighting, atMs: number): void {
    const key = keyOf(sighting)
    if (this.#ended.has(key)) return
    const open = this.#open.get(key) ?? {
      sighting,
      publishedAtMs: this.#published.get(key),
      firstAtMs: atMs,
      atMs: {},
    }
    if (open.atMs[way] !== undefined) return
    open.atMs = { ...open.atMs, [way]: atMs }
    // The stream speaks of types by Fortnox's names; the others by the canonical ones.
    if (way !== 'stream') open.sighting = sighting
    this.#open.set(key, open)
    if (ways.every((each) => open.atMs[each] !== undefined)) this.#end(key)
  }

  /** Ends those that first arrived before `timeMs`, complete or not. */
  endBefore(timeMs: number): void {
    for (const [key, { firstAtMs }] of this.#open) if (firstAtMs < timeMs) this.#end(key)
  }

  #end(key: string): void {
    const arrival = this.#open.get(key)!
    this.#open.delete(key)
    this.#ended.add(key)
    dropOldest(this.#ended)
    this.#onDone({ ...arrival, publishedAtMs: arrival.publishedAtMs ?? this.#published.get(key) })
  }
}

/** Milliseconds from publishing to arriving; null when the event did not come that way. */
export function latencyMs(arrival: Arrival, way: Way): number | null {
  const at = arrival.atMs[way]
  if (at === undefined) return null
  // Published by somebody else: the event's own time is the server's, to the millisecond.
  const from = arrival.publishedAtMs ?? Date.parse(arrival.sighting.timestamp)
  return Math.max(0, at - from)
}

/** Both are only asked for about events that are on their way. */
function dropOldest(remembered: Map<string, unknown> | Set<string>): void {
  if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value!)
}

function keyOf({ topic, offset }: { topic: string; offset: string }): string {
  return `${topic}/${offset}`
}
