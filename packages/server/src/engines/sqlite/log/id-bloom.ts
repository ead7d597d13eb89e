import type { IdDigest } from './id-digest.ts'
import { entryWords } from './id-entries.ts'

/**
 * A Bloom filter in blocks of 64 bytes, so that asking costs one cache miss. With 12 bits and 6
 * probes an id, about one in a hundred unknown ids is taken for known and looked up in vain.
 */
const bitsPerId = 12
const blockWords = 16

export class IdBloom {
  readonly words: Uint32Array
  readonly #blocks: number

  constructor(words: Uint32Array) {
    this.words = words
    this.#blocks = words.length / blockWords
  }

  static of(entries: Uint32Array): IdBloom {
    const count = entries.length / entryWords
    const bloom = new IdBloom(new Uint32Array(Math.max(1, Math.ceil((count * bitsPerId) / 512)) * blockWords))
    for (let i = 0; i < entries.length; i += entryWords) {
      bloom.#add(entries[i + 1]!, entries[i + 2]!, entries[i + 3]!)
    }
    return bloom
  }

  mayHave(id: IdDigest): boolean {
    const block = (id.h1 % this.#blocks) * blockWords
    return this.#hasBits(block, id.h2) && this.#hasBits(block, id.h3)
  }

  #hasBits(block: number, bits: number): boolean {
    const { words } = this
    return (
      ((words[block + ((bits >>> 5) & 15)]! >>> (bits & 31)) & 1) === 1 &&
      ((words[block + ((bits >>> 14) & 15)]! >>> ((bits >>> 9) & 31)) & 1) === 1 &&
      ((words[block + ((bits >>> 23) & 15)]! >>> ((bits >>> 18) & 31)) & 1) === 1
    )
  }

  #add(h1: number, h2: number, h3: number): void {
    const block = (h1 % this.#blocks) * blockWords
    for (const bits of [h2, h3]) {
      this.words[block + ((bits >>> 5) & 15)]! |= 1 << (bits & 31)
      this.words[block + ((bits >>> 14) & 15)]! |= 1 << ((bits >>> 9) & 31)
      this.words[block + ((bits >>> 23) & 15)]! |= 1 << ((bits >>> 18) & 31)
    }
  }
}
