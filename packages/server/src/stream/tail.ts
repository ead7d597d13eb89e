import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog } from '../log/event-log.ts'
import { AudienceIndex, type Interest, type Listener } from './audience.ts'
import type { Renewals } from './renewals.ts'

export interface TailOptions {
  readonly log: EventLog
  readonly partition: number
  readonly clock: Clock
  readonly renewals: Pick<Renewals, 'renew'>
  readonly offsetOf: (event: StoredEvent) => string
  /** Least time between two hand-outs while events keep coming: what comes meanwhile goes out in one write. */
  readonly gatherMs: number
  /** From no further back than this a listener starts a tail that stands still; others read the log first. */
  readonly nearEvents: number
  readonly onError: (error: unknown) => void
}

const maxBytes = 256 * 1024
const maxEvents = 2_000
const retryMs = 1_000

/**
 * The live end of one partition, shared by all connections. It stands at a position; everything up
 * to it has been handed out to those who listened then. While nobody listens it stands at the end
 * of the log and reads nothing.
 */
export class Tail {
  readonly #options: TailOptions
  readonly #audiences = new AudienceIndex()
  readonly #unwatch: () => void
  #waiting: { position: number; resolve: () => void }[] = []
  #position = 0
  #tickedAtMs = Number.NEGATIVE_INFINITY
  #isReading = false
  #isClosed = false
  #cancel: (() => void) | undefined
  #deliveries = 0

  constructor(options: TailOptions) {
    this.#options = options
    this.#unwatch = options.log.onAppended(() => this.#wake())
  }

  get position(): number {
    return this.#audiences.size === 0 ? this.#latest() : this.#position
  }

  /** Events times connections, handed out live since the start. */
  get deliveries(): number {
    return this.#deliveries
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get listeners(): number {
    return this.#audiences.size
  }

  /**
   * Takes part from after `position` on, if that is where the tail stands; without a gap and
   * without a double. A listener that takes part already changes its interest.
   */
  tryJoin(listener: Listener, interest: Interest, position: number): boolean {
    if (this.#audiences.size === 0) {
      // Starting behind the end keeps a first listener from chasing an end that never stands still.
      if (position > this.#latest() || position < this.#latest() - this.#options.nearEvents) return false
      this.#position = position
    } else if (position !== this.#position) return false
    this.#audiences.join(listener, interest)
    this.#wake()
    return true
  }

  leave(listener: Listener): void {
    this.#audiences.leave(listener)
    if (this.#audiences.size === 0) this.#release()
  }

  /** Resolves when everything up to `position` has been handed out, or nobody listens. */
  async reached(position: number): Promise<void> {
    if (this.position >= position || this.#isClosed) return
    await new Promise<void>((resolve) => this.#waiting.push({ position, resolve }))
  }

  close(): void {
    this.#isClosed = true
    this.#unwatch()
    this.#cancel?.()
    this.#waiting.splice(0).forEach(({ resolve }) => {
      resolve()
    })
  }

  #latest(): number {
    return this.#options.log.bounds(this.#options.partition).latest
  }

  #wake(): void {
    if (this.#isReading || this.#cancel || this.#isClosed) return
    if (this.#audiences.size === 0 || this.#latest() <= this.#position) return
    const { gatherMs, clock } = this.#options
    // The clock may have been set back by hours meanwhile: nobody waits for it to come round again.
    const delayMs = Math.min(gatherMs, this.#tickedAtMs + gatherMs - clock.now())
    if (delayMs <= 0) void this.#tick()
    else this.#tickIn(delayMs)
  }

  #tickIn(delayMs: number): void {
    this.#cancel = this.#options.clock.schedule(delayMs, () => {
      this.#cancel = undefined
      void this.#tick()
    })
  }

  async #tick(): Promise<void> {
    const { log, partition, clock, renewals } = this.#options
    if (this.#isClosed) return
    this.#isReading = true
    this.#tickedAtMs = clock.now()
    const from = this.#position
    try {
      const slice = await log.read({ partition, after: from, maxBytes, maxEvents })
      if (this.#isClosed) return
      renewals.renew()
      // Everybody may have left during the read or by the renewal, and somebody begun elsewhere.
      if (this.#position === from && this.#audiences.size > 0) this.#advance(slice.events, from, slice.next)
      this.#isReading = false
    } catch (error) {
      this.#isReading = false
      if (this.#isClosed) return
      this.#options.onError(error)
      return this.#tickIn(retryMs)
    }
    this.#release()
    this.#wake()
  }

  #advance(events: readonly StoredEvent[], from: number, to: number): void {
    const gathered = this.#audiences.gather(events, this.#options.offsetOf)
    // Before handing out: a listener that leaves meanwhile must find the tail past these events.
    this.#position = to
    this.#deliveries += this.#audiences.handOut(gathered, from)
  }

  #release(): void {
    const position = this.position
    const waiting = this.#waiting
    this.#waiting = waiting.filter((waiter) => waiter.position > position)
    for (const waiter of waiting) if (waiter.position <= position) waiter.resolve()
  }
}
