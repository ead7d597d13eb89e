import type { Clock } from '../core/time/clock.ts'

/** Long enough that nobody waits for its time-out in turn, short enough that its return is noticed at once. */
const restMs = 1_000

/** An authority that did not answer as it should is left alone for a second. */
export class AuthorityRest {
  readonly #clock: Pick<Clock, 'now'>
  #untilMs = Number.NEGATIVE_INFINITY

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  get isOver(): boolean {
    // Further away than any rest: the clock was set back.
    const leftMs = this.#untilMs - this.#clock.now()
    return leftMs <= 0 || leftMs > restMs
  }

  begin(): void {
    this.#untilMs = this.#clock.now() + restMs
  }
}
