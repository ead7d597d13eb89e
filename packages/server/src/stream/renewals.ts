import type { Clock } from '../core/time/clock.ts'

/** A connection whose view follows the registry and the time. */
export interface Renewable {
  /** Brings the view up to date. */
  renew(nowMs: number): void
  fail(error: unknown): void
}

/** A clock may be set while a timer runs, so that time is looked at again this often. */
const lookAgainMs = 60_000

/**
 * Views that are out of date. They are renewed before the next position is judged, so that a change of what somebody
 * may see takes effect at its place in the log: what is acknowledged after the change was answered is judged by the
 * new view. Where no event comes they are renewed in the next turn of the event loop, or when they expire, because
 * clients are told of it.
 */
export class Renewals {
  readonly #clock: Clock
  readonly #outdated = new Set<Renewable>()
  /** Epoch milliseconds from which a view is out of date. */
  readonly #deadlines = new Map<Renewable, number>()
  #nextDeadlineMs = Number.POSITIVE_INFINITY
  #immediate: NodeJS.Immediate | undefined
  #cancelTimer = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Its view is out of date from now on. */
  mark(renewable: Renewable): void {
    this.#outdated.add(renewable)
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      this.renew()
    })
  }

  /** Its view is out of date from this moment on, in epoch milliseconds; infinity: never. */
  expireAt(renewable: Renewable, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) this.#deadlines.delete(renewable)
    else this.#deadlines.set(renewable, atMs)
    if (atMs < this.#nextDeadlineMs) this.#waitFor(atMs)
  }

  forget(renewable: Renewable): void {
    this.#outdated.delete(renewable)
    this.#deadlines.delete(renewable)
  }

  /** Renews what is out of date; to be called before a position is judged, without a pause between. */
  renew(): void {
    const nowMs = this.#clock.now()
    if (nowMs >= this.#nextDeadlineMs) this.#markExpired(nowMs)
    if (this.#outdated.size === 0) return
    const outdated = [...this.#outdated]
    this.#outdated.clear()
    for (const renewable of outdated) {
      try {
        renewable.renew(nowMs)
      } catch (error) {
        // Its view is not known any more: it is shown nothing, and the others go on.
        renewable.fail(error)
      }
    }
  }

  close(): void {
    if (this.#immediate) clearImmediate(this.#immediate)
    this.#cancelTimer()
    this.#outdated.clear()
    this.#deadlines.clear()
  }

  #markExpired(nowMs: number): void {
    let nextMs = Number.POSITIVE_INFINITY
    for (const [renewable, atMs] of this.#deadlines) {
      if (atMs > nowMs) nextMs = Math.min(nextMs, atMs)
      else {
        this.#deadlines.delete(renewable)
        this.#outdated.add(renewable)
      }
    }
    this.#waitFor(nextMs)
  }

  #waitFor(atMs: number): void {
    this.#nextDeadlineMs = atMs
    this.#cancelTimer()
    if (atMs === Number.POSITIVE_INFINITY) return
    const delayMs = Math.min(lookAgainMs, Math.max(0, atMs - this.#clock.now()))
    this.#cancelTimer = this.#clock.schedule(delayMs, () => {
      this.renew()
      if (this.#nextDeadlineMs === atMs) this.#waitFor(atMs)
    })
  }
}
