import type { IdDigest } from './id-digest.ts'
import { entryWords, type IdPlace, isOfId, placeAt, writeEntry } from './id-entries.ts'

/**
 * The ids since the last run, in memory: entries in order of adding, found through a table of slots
 * with linear probing. The latest additions can be taken back, for a commit that the disk refused.
 */
export class IdIndex {
  #entries: Uint32Array
  #slots: Int32Array
  #count = 0

  constructor(capacity = 1024) {
    this.#entries = new Uint32Array(capacity * entryWords)
    this.#slots = new Int32Array(capacity * 2).fill(-1)
  }

  get count(): number {
    return this.#count
  }

  add(id: IdDigest, position: number): void {
    if (this.#count * 2 >= this.#slots.length) this.#grow()
    writeEntry(this.#entries, this.#count, id, position)
    this.#link(this.#count)
    this.#count++
  }

  addAll(entries: Uint32Array): void {
    const added = entries.length / entryWords
    while ((this.#count + added) * 2 > this.#slots.length) this.#grow()
    this.#entries.set(entries, this.#count * entryWords)
    for (let i = 0; i < added; i++) this.#link(this.#count++)
  }

  /** The latest place of an id after `after`: an id whose event was dropped may have been used again since. */
  find(id: IdDigest, after: number): IdPlace | undefined {
    const mask = this.#slots.length - 1
    let found: IdPlace | undefined
    for (let slot = id.h0 & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]!
      if (index < 0) return found
      if (!isOfId(this.#entries, index, id)) continue
      const place = placeAt(this.#entries, index, id)
      if (place.position > after && (!found || place.position > found.position)) found = place
    }
  }

  /** The entries added since the count was `from`. */
  entriesFrom(from: number): Uint32Array {
    return this.#entries.subarray(from * entryWords, this.#count * entryWords)
  }

  /** Takes back all additions since the count was `count`. In reverse, so no probe path is cut. */
  truncate(count: number): void {
    const mask = this.#slots.length - 1
    while (this.#count > count) {
      this.#count--
      let slot = this.#entries[this.#count * entryWords]! & mask
      while (this.#slots[slot] !== this.#count) slot = (slot + 1) & mask
      this.#slots[slot] = -1
    }
  }

  clear(): void {
    this.#count = 0
    this.#slots.fill(-1)
  }

  #link(index: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#entries[index * entryWords]! & mask
    while (this.#slots[slot]! >= 0) slot = (slot + 1) & mask
    this.#slots[slot] = index
  }

  #grow(): void {
    const entries = new Uint32Array(this.#entries.length * 2)
    entries.set(this.#entries)
    this.#entries = entries
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    for (let i = 0; i < this.#count; i++) this.#link(i)
  }
}
