import { Signal } from '../core/collection/signal.ts'
import type { StreamSink } from './encoding.ts'

/** Whole frames, with where to read on if they are taken back. */
export interface Parcel {
  readonly bytes: Buffer
  /** The position before the first event that the bytes may hold. */
  readonly from: number
  /** Of which the events are. */
  readonly topics: ReadonlySet<string>
}

/** As much of what waits is handed to the socket at once, or a single parcel that is longer. */
const writeBytes = 256 * 1024

/**
 * Frames on their way to one connection. One write at a time is with the socket, which cannot give back what it has;
 * the rest waits here and can be taken back, so that a reader that loses sight of something is not sent it later.
 */
export class Outbox {
  /** Nothing waits any more. */
  readonly emptied = new Signal()
  readonly #sink: StreamSink
  #waiting: Parcel[] = []
  #waitingBytes = 0
  #isUnderWay = false

  constructor(sink: StreamSink) {
    this.#sink = sink
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** All that is not with the operating system. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#sink.bufferedBytes
  }

  put(parcel: Parcel): void {
    if (!this.#isUnderWay) {
      this.#write([parcel.bytes])
      return
    }
    this.#waiting.push(parcel)
    this.#waitingBytes += parcel.bytes.length
  }

  /** Takes back what waits. Returns where its topics have to be read on. */
  recall(): ReadonlyMap<string, number> {
    const places = new Map<string, number>()
    for (const { from, topics } of this.#waiting) {
      for (const topic of topics) if (!places.has(topic)) places.set(topic, from)
    }
    this.#clear()
    return places
  }

  #clear(): void {
    this.#waiting = []
    this.#waitingBytes = 0
    this.emptied.wake()
  }

  #write(pieces: readonly Buffer[]): void {
    this.#isUnderWay = true
    this.#sink.write(pieces, this.#taken)
  }

  readonly #taken = (): void => {
    this.#isUnderWay = false
    if (this.#waiting.length === 0) return
    let count = 1
    let length = this.#waiting[0]!.bytes.length
    for (let next = this.#waiting[count]; next; next = this.#waiting[++count]) {
      if (length + next.bytes.length > writeBytes) break
      length += next.bytes.length
    }
    const parcels = this.#waiting.splice(0, count)
    this.#waitingBytes -= length
    this.#write(parcels.map(({ bytes }) => bytes))
    if (this.#waiting.length === 0) this.emptied.wake()
  }
}
