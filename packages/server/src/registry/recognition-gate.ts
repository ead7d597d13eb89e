/** At once for one asker: a client that brings a thousand new tokens does not keep the others waiting. */
const mostAtOnce = 8
/** Waiting, of all askers: beyond, they are told to come again. */
const mostWaiting = 5_000

/** Lets each asker have a few recognitions under way, and the others wait their turn. */
export class RecognitionGate {
  readonly #askers = new Map<string, { underWay: number; readonly waiting: (() => void)[] }>()
  #waiting = 0

  /** Null: too many wait already. */
  async run<T>(asker: string, task: () => Promise<T>): Promise<T | null> {
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
