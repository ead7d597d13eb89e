import type { Lane } from './lane.ts'

/**
 * The attempts that may be under way at once in the whole process. Endpoints that failed lately
 * share a quarter of them, so that however many of them hang, the others find a slot.
 */
export class Slots {
  readonly #total: number
  readonly #suspectCap: number
  #used = 0
  #suspectUsed = 0
  #waiting = new Set<Lane>()
  #waitingSuspects = new Set<Lane>()

  /** `total`: 4 or more. */
  constructor(total: number) {
    this.#total = total
    this.#suspectCap = Math.max(1, Math.floor(total / 4))
  }

  get used(): number {
    return this.#used
  }

  /** True when a slot is free for the lane; else it is called back by `release`, in turn. */
  isFreeFor(lane: Lane): boolean {
    const suspect = isSuspect(lane)
    const isFree = this.#used < this.#total && (!suspect || this.#suspectUsed < this.#suspectCap)
    if (!isFree) (suspect ? this.#waitingSuspects : this.#waiting).add(lane)
    return isFree
  }

  /** Occupies a slot; returns what frees it and names the lanes to try next. */
  occupy(lane: Lane): () => Lane[] {
    const suspect = isSuspect(lane)
    this.#used += 1
    if (suspect) this.#suspectUsed += 1
    return () => {
      this.#used -= 1
      if (suspect) this.#suspectUsed -= 1
      return this.#next()
    }
  }

  forget(lane: Lane): void {
    this.#waiting.delete(lane)
    this.#waitingSuspects.delete(lane)
  }

  #next(): Lane[] {
    const lanes: Lane[] = []
    for (const waiting of [this.#waiting, this.#waitingSuspects]) {
      for (const lane of waiting) {
        waiting.delete(lane)
        lanes.push(lane)
        break
      }
    }
    return lanes
  }
}

function isSuspect(lane: Lane): boolean {
  return lane.breaker.state !== 'closed' || lane.breaker.failures > 0
}
