import { byText, SortedList } from '../core/collection/sorted-list.ts'

/** Records of one kind by id, in the order of their ids, and by one more key that is unique among them. */
export class RecordTable<T> {
  readonly #byId = new Map<string, T>()
  readonly #byKey = new Map<string | number, T>()
  readonly #ids = new SortedList<string>(byText)
  readonly #idOf: (record: T) => string
  readonly #keyOf: (record: T) => string | number

  constructor(idOf: (record: T) => string, keyOf: (record: T) => string | number) {
    this.#idOf = idOf
    this.#keyOf = keyOf
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)
  }

  withKey(key: string | number): T | undefined {
    return this.#byKey.get(key)
  }

  put(record: T): void {
    const id = this.#idOf(record)
    const before = this.#byId.get(id)
    if (before === undefined) this.#ids.add(id)
    else this.#dropKey(before)
    this.#byId.set(id, record)
    this.#byKey.set(this.#keyOf(record), record)
  }

  delete(id: string): void {
    const before = this.#byId.get(id)
    if (before === undefined) return
    this.#byId.delete(id)
    this.#ids.delete(id)
    this.#dropKey(before)
  }

  page(after: string | undefined, limit: number): T[] {
    return this.#ids.after(after, limit).map((id) => this.#byId.get(id)!)
  }

  values(): Iterable<T> {
    return this.#byId.values()
  }

  /** Within one commit a key can go from one record to another, in any order: only its own holder gives it up. */
  #dropKey(record: T): void {
    const key = this.#keyOf(record)
    if (this.#byKey.get(key) === record) this.#byKey.delete(key)
  }
}
