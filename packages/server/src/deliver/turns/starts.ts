import { type Standing, standings } from '../../core/delivery/standing.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Lane } from '../lane.ts'
import { standingOf } from '../standing.ts'
import { Rotation } from './rotation.ts'

interface Allowed {
  /** Attempts that may be begun together: beginning one costs time that all others wait. */
  readonly together: number
  /** Until as many may be begun again; 0: until the next turn of the event loop. */
  readonly everyMs: number
}

/**
 * An endpoint that answers waits for nothing but its turn; all others together never take more than a part of a
 * processor: 1,000 attempts a second at endpoints that nothing is known of, 500 at those that fail.
 */
const allowed: Record<Standing, Allowed> = {
  proven: { together: 32, everyMs: 0 },
  unknown: { together: 10, everyMs: 10 },
  suspect: { together: 5, everyMs: 10 },
}

/**
 * Spreads the beginning of attempts over time, so that an event for a thousand endpoints does not stand
 * between the next event and an endpoint that answers. Integrations take turns.
 */
export class Starts {
  readonly #queues: Record<Standing, StartQueue>

  /** `pump` is called again for lanes that had to wait. */
  constructor(clock: Clock, pump: (lane: Lane) => void) {
    const queue = (standing: Standing) => new StartQueue(allowed[standing], clock, pump)
    this.#queues = { proven: queue('proven'), unknown: queue('unknown'), suspect: queue('suspect') }
  }

  /** True when the lane may begin an attempt now; else it is pumped later. */
  mayBegin(lane: Lane): boolean {
    return this.#queues[standingOf(lane)].mayBegin(lane)
  }

  begun(lane: Lane): void {
    this.#queues[standingOf(lane)].begun()
  }

  forget(lane: Lane): void {
    for (const standing of standings) this.#queues[standing].forget(lane)
  }
}

class StartQueue {
  readonly #allowed: Allowed
  readonly #clock: Clock
  readonly #pump: (lane: Lane) => void
  readonly #waiting = new Rotation<Lane>()
  #left: number
  #isScheduled = false

  constructor(allowed: Allowed, clock: Clock, pump: (lane: Lane) => void) {
    this.#allowed = allowed
    this.#clock = clock
    this.#pump = pump
    this.#left = allowed.together
  }

  mayBegin(lane: Lane): boolean {
    if (this.#left > 0) return true
    this.#waiting.add(lane)
    return false
  }

  begun(): void {
    this.#left -= 1
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#allowed.everyMs === 0) setImmediate(() => this.#refill())
    else this.#clock.schedule(this.#allowed.everyMs, () => this.#refill())
  }

  forget(lane: Lane): void {
    this.#waiting.forget(lane)
  }

  #refill(): void {
    this.#isScheduled = false
    this.#left = this.#allowed.together
    while (this.#left > 0) {
      const lane = this.#waiting.take()
      if (!lane) break
      this.#pump(lane)
    }
  }
}
