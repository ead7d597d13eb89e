import { type Standing, standings } from '../../core/delivery/standing.ts'
import type { Entrant } from './entrant.ts'
import { Rotation } from './rotation.ts'

/** The part of all slots that endpoints of a standing may hold together. */
const share: Record<Standing, number> = { proven: 1, unknown: 1 / 2, suspect: 1 / 4 }
/**
 * An integration holds no more than this many times what is free, as in dynamic thresholds of shared
 * buffers: alone it gets four fifths, and whoever comes finds a place at once, though slots that hang
 * are not taken away from anybody.
 */
const timesFree = 4

/** Whose slot it is, at the moment when it was taken: both may have changed when it is freed. */
export interface Slot {
  readonly standing: Standing
  readonly integrationId: string
}

/**
 * The attempts that may be under way at once in the whole process. Endpoints that failed lately
 * share a quarter of them and those that nothing is known of a half, so that however many of them
 * hang, those that answer find a slot; and among integrations the slots are shared fairly.
 */
export class Slots<T extends Entrant> {
  readonly #total: number
  readonly #used: Record<Standing, number> = { proven: 0, unknown: 0, suspect: 0 }
  readonly #usedBy: Record<Standing, Map<string, number>> = {
    proven: new Map(),
    unknown: new Map(),
    suspect: new Map(),
  }
  readonly #waiting: Record<Standing, Rotation<T>> = {
    proven: new Rotation(),
    unknown: new Rotation(),
    suspect: new Rotation(),
  }
  /** Whether one was freed since `next` found nobody who might take it. */
  #isFreed = false

  /** `total`: 4 or more. */
  constructor(total: number) {
    this.#total = total
  }

  get used(): number {
    return this.#used.proven + this.#used.unknown + this.#used.suspect
  }

  /** True when a slot is free for it; else `next` names it when one is, in turn. */
  isFreeFor(entrant: T): boolean {
    const { standing } = entrant
    const isFree = this.#mayHold(standing, entrant.subscription.integrationId)
    if (!isFree) this.#waiting[standing].add(entrant)
    return isFree
  }

  occupy({ standing, subscription: { integrationId } }: T): Slot {
    this.#count({ standing, integrationId }, 1)
    return { standing, integrationId }
  }

  free(slot: Slot): void {
    this.#count(slot, -1)
    this.#isFreed = true
  }

  /** One that waits and for which a slot is free now, no longer waiting; undefined: there is none. */
  next(): T | undefined {
    if (!this.#isFreed) return undefined
    for (const standing of standings) {
      const entrant = this.#waiting[standing].take((integrationId) => this.#mayHold(standing, integrationId))
      if (entrant) return entrant
    }
    this.#isFreed = false
    return undefined
  }

  forget(entrant: T): void {
    for (const standing of standings) this.#waiting[standing].forget(entrant)
  }

  #mayHold(standing: Standing, integrationId: string): boolean {
    const cap = Math.max(1, Math.floor(this.#total * share[standing]))
    const free = Math.min(this.#total - this.used, cap - this.#used[standing])
    return free > 0 && (this.#usedBy[standing].get(integrationId) ?? 0) < timesFree * free
  }

  #count({ standing, integrationId }: Slot, by: 1 | -1): void {
    this.#used[standing] += by
    const usedBy = this.#usedBy[standing]
    const used = (usedBy.get(integrationId) ?? 0) + by
    if (used === 0) usedBy.delete(integrationId)
    else usedBy.set(integrationId, used)
  }
}
