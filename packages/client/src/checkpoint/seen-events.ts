/** So many are remembered: what two connections carry at once, while one takes over from the other, is less. */
const remembered = 10_000

interface Place {
  readonly topic: string
  readonly offset: string
}

/** Events that were handed out lately, so that none of them is handed out again. */
export class SeenEvents {
  readonly #keys = new Set<string>()
  #last: string | undefined

  /** Whether it was not there before; from now on it is. */
  isNew(event: Place): boolean {
    const key = keyOf(event)
    if (this.#keys.has(key)) return false
    this.#keys.add(key)
    this.#last = key
    if (this.#keys.size > remembered) this.#keys.delete(this.#keys.values().next().value!)
    return true
  }

  isLast(event: Place): boolean {
    return keyOf(event) === this.#last
  }
}

/** An offset names one event of its topic. */
function keyOf({ topic, offset }: Place): string {
  return `${topic} ${offset}`
}
