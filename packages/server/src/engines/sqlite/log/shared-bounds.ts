import type { LogBounds } from '../../../log/event-log.ts'

/** How far the log goes, in memory that all threads see at once. */
export class SharedBounds {
  /** Earliest and latest. */
  readonly #cells: BigInt64Array

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new BigInt64Array(memory)
  }

  static of({ earliest, latest }: LogBounds): SharedBounds {
    const bounds = new SharedBounds(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT))
    bounds.earliest = earliest
    bounds.latest = latest
    return bounds
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer
  }

  get earliest(): number {
    return Number(Atomics.load(this.#cells, 0))
  }

  set earliest(position: number) {
    Atomics.store(this.#cells, 0, BigInt(position))
  }

  get latest(): number {
    return Number(Atomics.load(this.#cells, 1))
  }

  set latest(position: number) {
    Atomics.store(this.#cells, 1, BigInt(position))
  }
}
