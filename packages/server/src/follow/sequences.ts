/** An event that has a sequence number, or had one. */
export interface Numbered {
  readonly position: number
  readonly sequence: number
}

/**
 * The sequence numbers of one subscription: its events are numbered in the order in which they are read, so that
 * receivers notice a gap. An event that is read again after a crash gets the number that it had; two events that
 * may both have been sent never get the same one.
 */
export class Sequences {
  /** The last one given. */
  #last: number
  /** The highest that some event has, though it may have been taken back to be given to the same event again. */
  #highest: number
  /** The last one at or before the place up to which everything is settled. */
  #settled: number
  /** Events after that place, ascending. */
  #given: Numbered[] = []
  /** Where the last restart was, and the number from which it went on; null: everything up to there is settled. */
  #floor: Numbered | null = null
  /** The run before may have numbered events up to this position: those that are read again come out the same. */
  #readBefore: number

  /**
   * @param last the one at the place where reading begins
   * @param readBefore how far the log went when this run began; 0: no run before has read for it
   */
  constructor(last: number, readBefore = 0) {
    this.#last = last
    this.#highest = last
    this.#settled = last
    this.#readBefore = readBefore
  }

  /** The last one given. */
  get last(): number {
    return this.#last
  }

  /** Whether an event after the settled place has one. */
  get isAhead(): boolean {
    return this.#given.length > 0 || this.#floor !== null
  }

  /** @param position after all that were numbered before it */
  give(position: number): number {
    if (this.#floor && position > this.#floor.position) this.#last = Math.max(this.#last, this.#floor.sequence)
    this.#last += 1
    if (this.#last > this.#highest) this.#highest = this.#last
    this.#given.push({ position, sequence: this.#last })
    return this.#last
  }

  /**
   * No attempt was begun for these. What follows takes the last of their numbers, so that receivers see no gap; not
   * those that the run before may have sent.
   */
  giveBack(unsent: Iterable<{ readonly position: number; readonly sequence: number | null }>): void {
    const free = new Set<number | null>()
    for (const { position, sequence } of unsent) if (position > this.#readBefore) free.add(sequence)
    while (free.has(this.#highest)) this.#highest -= 1
  }

  /** The number at a place up to which everything is settled; places ascend from call to call. */
  settledAt(place: number): number {
    let settled = 0
    while (settled < this.#given.length && this.#given[settled]!.position <= place) settled += 1
    if (settled > 0) {
      this.#settled = this.#given[settled - 1]!.sequence
      this.#given.splice(0, settled)
    }
    if (this.#floor && this.#floor.position <= place) {
      this.#settled = Math.max(this.#settled, this.#floor.sequence)
      this.#floor = null
    }
    return this.#settled
  }

  /** Positions after one that have a number. */
  givenAfter(position: number): number[] {
    return this.#given.map((given) => given.position).filter((given) => given > position)
  }

  /** What was read after `position` is read again and numbered anew, as before: from the one after `last` on. */
  resumeAfter(position: number, last: number): void {
    this.#last = last
    this.#given = this.#given.filter((given) => given.position <= position)
  }

  /**
   * After `position`, other events come next, or the same ones to be sent once more; they get higher numbers. What is
   * open up to there keeps its own.
   *
   * @param readTo how far this run has read
   */
  restart(position: number, readTo: number): void {
    // Events that were not read again since a crash keep their numbers: no other event may get these.
    const givenBefore = this.#readBefore > readTo ? this.#last + this.#readBefore - readTo : 0
    this.#highest = Math.max(givenBefore, this.#highest)
    this.#last = this.#highest
    this.#floor = { position, sequence: this.#highest }
    this.#readBefore = 0
    this.#given = this.#given.filter((given) => given.position <= position)
  }
}
