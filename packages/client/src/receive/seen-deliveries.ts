/**
 * Which deliveries were handled. Yours may be a table of your database, with the id as its key: `add` in the
 * transaction of your own work makes each of them take effect once.
 */
export interface SeenDeliveries {
  has(id: string): Promise<boolean>
  /** Called once the handler has resolved. Adding it again does no harm. */
  add(id: string): Promise<void>
}

/** Of Tidings' own dialects ids come again for three days: more than this many in that time can be handled twice. */
const defaultCount = 100_000

/** Lasts as long as the process, and forgets the oldest beyond `count`. */
export class MemorySeenDeliveries implements SeenDeliveries {
  readonly #ids = new Set<string>()
  readonly #count: number

  constructor(count = defaultCount) {
    this.#count = count
  }

  async has(id: string): Promise<boolean> {
    return this.#ids.has(id)
  }

  async add(id: string): Promise<void> {
    this.#ids.add(id)
    if (this.#ids.size > this.#count) this.#ids.delete(this.#ids.values().next().value!)
  }
}
