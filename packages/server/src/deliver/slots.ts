import type { Lane } from './lane.ts'
import { type Standing, standingOf, standings } from './standing.ts'

/** The part of all slots that endpoints of a standing may hold together. */
const share: Record<Standing, number> = { proven: 1, unknown: 1 / 2, suspect: 1 / 4 }

/**
 * The attempts that may be under way at once in the whole process. Endpoints that failed lately
 * share a quarter of them and those that nothing is known of a half, so that however many of them
 * hang, those that answer find a slot.
 */
export class Slots {
  readonly #total: number
  readonly #used: Record<Standing, number> = { proven: 0, unknown: 0, suspect: 0 }
  readonly #waiting: Record<Standing, Set<Lane>> = { proven: new Set(), unknown: new Set(), suspect: new Set() }

  /** `total`: 4 or more. */
  constructor(total: number) {
    this.#total = total
  }

  get used(): number {
    return this.#used.proven + this.#used.unknown + this.#used.suspect
  }

  /** True when a slot is free for the lane; else the lane is named by a later release, in turn. */
  isFreeFor(lane: Lane): boolean {
    const standing = standingOf(lane)
    const cap = Math.max(1, Math.floor(this.#total * share[standing]))
    const isFree = this.used < this.#total && this.#used[standing] < cap
    if (!isFree) this.#waiting[standing].add(lane)
    return isFree
  }

  /** Occupies a slot; returns what frees it and names the lanes to try next. */
  occupy(lane: Lane): () => Lane[] {
    const standing = standingOf(lane)
    this.#used[standing] += 1
    return () => {
      this.#used[standing] -= 1
      return standings.flatMap((each) => takeFirst(this.#waiting[each]))
    }
  }

  forget(lane: Lane): void {
    for (const standing of standings) this.#waiting[standing].delete(lane)
  }
}

function takeFirst<T>(items: Set<T>): T[] {
  for (const item of items) {
    items.delete(item)
    return [item]
  }
  return []
}
