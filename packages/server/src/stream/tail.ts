import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog } from '../log/event-log.ts'
import { type FollowedSlice, FollowLoop, type NextStep } from '../log/follow-loop.ts'
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
const untilWoken: NextStep = { kind: 'wait', mostMs: null }

/**
 * The live end of one partition, shared by all connections. It stands at a position; everything up
 * to it has been handed out to those who listened then. While nobody listens it stands at the end
 * of the log and reads nothing.
 */
export class Tail {
  readonly #options: TailOptions
  readonly #audiences = new AudienceIndex()
  readonly #loop: FollowLoop
  #waiting: { position: number; resolve: () => void }[] = []
  #position = 0
  #readAtMs = Number.NEGATIVE_INFINITY
  #hasGathered = false
  #deliveries = 0

  constructor(options: TailOptions) {
    this.#options = options
    const course = { next: () => this.#next(), take: (slice: FollowedSlice) => this.#take(slice) }
    this.#loop = new FollowLoop({ ...options, onFailure: options.onError }, course)
    void this.#loop.run()
  }

  get position(): number {
    return this.#audiences.size === 0 ? this.#latest() : this.#position
  }

  /** Events times connections, handed out live since the start. */
  get deliveries(): number {
    return this.#deliveries
  }

  get isClosed(): boolean {
    return this.#loop.isStopped
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
    this.#loop.wake()
    return true
  }

  leave(listener: Listener): void {
    this.#audiences.leave(listener)
    if (this.#audiences.size === 0) this.#release()
  }

  /** Resolves when everything up to `position` has been handed out, or nobody listens. */
  async reached(position: number): Promise<void> {
    if (this.position >= position || this.isClosed) return
    await new Promise<void>((resolve) => this.#waiting.push({ position, resolve }))
  }

  close(): void {
    this.#loop.stop()
    this.#waiting.splice(0).forEach(({ resolve }) => {
      resolve()
    })
  }

  #latest(): number {
    return this.#options.log.bounds(this.#options.partition).latest
  }

  #next(): NextStep {
    if (this.#audiences.size === 0 || this.#latest() <= this.#position) return untilWoken
    const { gatherMs, clock } = this.#options
    // The clock may have been set back by hours meanwhile: nobody waits for it to come round again.
    const delayMs = this.#hasGathered ? 0 : Math.min(gatherMs, this.#readAtMs + gatherMs - clock.now())
    this.#hasGathered = delayMs > 0
    if (delayMs > 0) return { kind: 'pause', ms: delayMs }
    this.#readAtMs = clock.now()
    return { kind: 'read', after: this.#position, maxBytes, maxEvents }
  }

  #take({ events, after, next }: FollowedSlice): void {
    this.#options.renewals.renew()
    // Everybody may have left during the read or by the renewal, and somebody begun elsewhere.
    if (this.#position === after && this.#audiences.size > 0) this.#advance(events, after, next)
    this.#release()
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
