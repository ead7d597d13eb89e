interface Bounds {
  /** Tasks of one asker that are under way at once. */
  readonly mostAtOnce: number
  /** Tasks of all askers that wait: who comes beyond is told to come again. */
  readonly mostWaiting: number
}

/** Lets each asker have a few tasks under way. Its others wait their turn, and those of other askers do not notice. */
export class AskerGate {
  readonly #bounds: Bounds
  readonly #askers = new Map<string, { underWay: number; readonly waiting: (() => void)[] }>()
  #waiting = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  /** Resolves with null, and runs nothing, when too many wait already. Rejects with what the task rejects with. */
  async run<T>(asker: string, task: () => Promise<T>): Promise<T | null> {
    const { mostAtOnce, mostWaiting } = this.#bounds
    const entry = this.#askers.get(asker) ?? { underWay: 0, waiting: [] }
    this.#askers.set(asker, entry)
    if (entry.underWay < mostAtOnce) entry.underWay += 1
    else {
      if (this.#waiting >= mostWaiting) return null
      this.#waiting += 1
      // Whoever leaves hands its place on, so nobody slips in between.
      await new Promise<void>((resolve) => entry.waiting.push(resolve))
      this.#waiting -= 1
    }
    try {
      return await task()
    } finally {
      const next = entry.waiting.shift()
      if (next) next()
      else {
        entry.underWay -= 1
        if (entry.underWay === 0) this.#askers.delete(asker)
      }
    }
  }
}
