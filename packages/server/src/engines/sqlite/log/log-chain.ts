import { damaged } from '../file/damage.ts'
import { isIntact, type StoredBatch } from './stored-batch.ts'

/** Follows the rows of the whole log in their order, and misses each that is not there. */
export class LogChain {
  #end: number
  #isFirst = true
  #segment: number | undefined
  #count = 0
  #last = 0

  /** @param reached nothing of the log is missing up to this position, at which or in which the first segment begins */
  constructor(reached: number) {
    this.#end = reached
  }

  /** The segment of the newest row, while it is not closed. */
  get segment(): number | undefined {
    return this.#segment
  }

  /** Where the last closed segment ends. */
  get end(): number {
    return this.#end
  }

  /** @throws AppError `storage_unavailable` when the row is damaged, or one before it is missing */
  take(row: StoredBatch): void {
    if (!isIntact(row)) throw damagedBatch(row)
    if (row.segment !== this.#segment) {
      this.close()
      const isLinked = this.#isFirst ? row.log_before <= this.#end : row.log_before === this.#end
      if (!isLinked || row.base !== row.segment) throw missingAfter(this.#end)
      this.#segment = row.segment
      this.#isFirst = false
    }
    this.#count += row.count
    this.#last = Math.max(this.#last, row.last)
  }

  /** All of the segment was taken. @throws AppError `storage_unavailable` when it was not */
  close(): void {
    if (this.#segment === undefined) return
    if (this.#count !== this.#last - this.#segment + 1) throw missingAfter(this.#segment - 1)
    this.#end = Math.max(this.#end, this.#last)
    this.#segment = undefined
    this.#count = 0
  }
}

export function damagedBatch({ base, last }: StoredBatch) {
  return damaged(`the batch with the events ${base} to ${last}`)
}

/** @param topic its name, when of one topic alone */
export function missingAfter(position: number, topic?: string) {
  return damaged(`the log after position ${position}${topic === undefined ? '' : ` in topic ${topic}`}`)
}
