import type { Lane } from './lane.ts'
import { Rotation } from './rotation.ts'
import { type Standing, standingOf, standings } from './standing.ts'

/** Attempts that may be begun in one turn of the event loop: beginning one costs time that all others wait. */
const perTurn: Record<Standing, number> = { proven: 32, unknown: 8, suspect: 4 }

/**
 * Spreads the beginning of attempts over turns of the event loop, so that an event for a thousand
 * endpoints does not stand between the next event and an endpoint that answers. Integrations take turns.
 */
export class Starts {
  readonly #pump: (lane: Lane) => void
  #left: Record<Standing, number> = { ...perTurn }
  readonly #waiting: Record<Standing, Rotation<Lane>> = {
    proven: new Rotation(),
    unknown: new Rotation(),
    suspect: new Rotation(),
  }
  #isScheduled = false

  /** `pump` is called again for lanes that had to wait for the next turn. */
  constructor(pump: (lane: Lane) => void) {
    this.#pump = pump
  }

  /** True when the lane may begin an attempt in this turn; else it is pumped in a later one. */
  mayBegin(lane: Lane): boolean {
    const standing = standingOf(lane)
    if (this.#left[standing] > 0) return true
    this.#waiting[standing].add(lane)
    return false
  }

  begun(lane: Lane): void {
    this.#left[standingOf(lane)] -= 1
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#nextTurn())
  }

  forget(lane: Lane): void {
    for (const standing of standings) this.#waiting[standing].forget(lane)
  }

  #nextTurn(): void {
    this.#isScheduled = false
    this.#left = { ...perTurn }
    for (const standing of standings) {
      while (this.#left[standing] > 0) {
        const lane = this.#waiting[standing].take()
        if (!lane) break
        this.#pump(lane)
      }
    }
  }
}
