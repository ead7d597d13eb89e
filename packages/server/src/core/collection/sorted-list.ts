/**
 * Distinct items in order. Sorted when first read, so that loading costs one sort; from then on an
 * item is put in its place, which for a hundred thousand of them takes some microseconds.
 */
export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number
  #items: T[] = []
  #isSorted = false

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  /** Expects an item that is not in the list. */
  add(item: T): void {
    if (this.#isSorted) this.#items.splice(this.#firstNotBefore(item), 0, item)
    else this.#items.push(item)
  }

  delete(item: T): void {
    this.#sort()
    const index = this.#firstNotBefore(item)
    const found = this.#items[index]
    if (found !== undefined && this.#compare(found, item) === 0) this.#items.splice(index, 1)
  }

  /** Up to `limit` items that come after this one, which need not be in the list; from the first one on when it is undefined. */
  after(item: T | undefined, limit: number): T[] {
    this.#sort()
    let index = item === undefined ? 0 : this.#firstNotBefore(item)
    const found = this.#items[index]
    if (item !== undefined && found !== undefined && this.#compare(found, item) === 0) index++
    return this.#items.slice(index, index + limit)
  }

  [Symbol.iterator](): Iterator<T> {
    this.#sort()
    return this.#items.values()
  }

  #sort(): void {
    if (this.#isSorted) return
    this.#items.sort(this.#compare)
    this.#isSorted = true
  }

  #firstNotBefore(item: T): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#items[middle]!, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The order of ids: by code unit, as they are stored. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
