/** First in, first out, without the cost of `Array.shift`. */
export class Queue<T> {
  #items: (T | undefined)[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  peek(): T | undefined {
    return this.#items[this.#first]
  }

  shift(): T | undefined {
    if (this.#first >= this.#items.length) return undefined
    const item = this.#items[this.#first]
    this.#items[this.#first] = undefined
    this.#first += 1
    if (this.#first > 512 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  /** Takes out the first item that fits. */
  takeFirst(fits: (item: T) => boolean): T | undefined {
    for (let index = this.#first; index < this.#items.length; index += 1) {
      const item = this.#items[index] as T
      if (!fits(item)) continue
      if (index === this.#first) return this.shift()
      this.#items.splice(index, 1)
      return item
    }
    return undefined
  }

  /** Empties it. */
  drain(): T[] {
    const items = this.#items.slice(this.#first) as T[]
    this.#items = []
    this.#first = 0
    return items
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.#first; index < this.#items.length; index += 1) yield this.#items[index] as T
  }
}
