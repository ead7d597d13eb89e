import { Signal } from '../core/signal.ts'
import type { StreamSink } from './encoding.ts'

/** Whole frames, with where to read on if they are taken back. */
export interface Parcel {
  readonly bytes: Buffer
  /** The position before the first event that the bytes may hold. */
  readonly from: number
  /** Of which the events are. */
  readonly topics: ReadonlySet<string>
}

/** What waits is handed to the socket in pieces of about this size. */
const pieceBytes = 128 * 1024

/**
 * Frames on their way to one connection. One piece at a time is with the socket, which cannot give back what it has;
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
      this.#write(parcel.bytes)
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

  #write(bytes: Buffer): void {
    this.#isUnderWay = true
    this.#sink.write(bytes, this.#taken)
  }

  readonly #taken = (): void => {
    this.#isUnderWay = false
    if (this.#waiting.length === 0) return
    let count = 0
    let length = 0
    while (count < this.#waiting.length && length < pieceBytes) length += this.#waiting[count++]!.bytes.length
    const pieces = this.#waiting.splice(0, count).map(({ bytes }) => bytes)
    this.#waitingBytes -= length
    this.#write(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, length))
    if (this.#waiting.length === 0) this.emptied.wake()
  }
}
