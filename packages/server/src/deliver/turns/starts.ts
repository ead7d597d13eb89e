import { type Standing, standings } from '../../core/delivery/standing.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { Entrant } from './entrant.ts'
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
export class Starts<T extends Entrant> {
  readonly #queues: Record<Standing, StartQueue<T>>

  /** `refilled` is called when `next` may name those that had to wait. */
  constructor(clock: Clock, refilled: () => void) {
    const queue = (standing: Standing) => new StartQueue<T>(allowed[standing], clock, refilled)
    this.#queues = { proven: queue('proven'), unknown: queue('unknown'), suspect: queue('suspect') }
  }

  /** True when it may begin an attempt now; else `next` names it later. */
  mayBegin(entrant: T): boolean {
    return this.#queues[entrant.standing].mayBegin(entrant)
  }

  begun(entrant: T): void {
    this.#queues[entrant.standing].begun()
  }

  /** One that had to wait and may begin now, no longer waiting; undefined: there is none. */
  next(): T | undefined {
    for (const standing of standings) {
      const entrant = this.#queues[standing].next()
      if (entrant) return entrant
    }
    return undefined
  }

  forget(entrant: T): void {
    for (const standing of standings) this.#queues[standing].forget(entrant)
  }
}

class StartQueue<T extends Entrant> {
  readonly #allowed: Allowed
  readonly #clock: Clock
  readonly #refilled: () => void
  readonly #waiting = new Rotation<T>()
  #left: number
  #isScheduled = false

  constructor(allowed: Allowed, clock: Clock, refilled: () => void) {
    this.#allowed = allowed
    this.#clock = clock
    this.#refilled = refilled
    this.#left = allowed.together
  }

  mayBegin(entrant: T): boolean {
    if (this.#left > 0) return true
    this.#waiting.add(entrant)
    return false
  }

  begun(): void {
    this.#left -= 1
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#allowed.everyMs === 0) setImmediate(() => this.#refill())
    else this.#clock.schedule(this.#allowed.everyMs, () => this.#refill())
  }

  next(): T | undefined {
    return this.#left > 0 ? this.#waiting.take() : undefined
  }

  forget(entrant: T): void {
    this.#waiting.forget(entrant)
  }

  #refill(): void {
    this.#isScheduled = false
    this.#left = this.#allowed.together
    this.#refilled()
  }
}
