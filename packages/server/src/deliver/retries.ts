import { Signal } from '../core/collection/signal.ts'
import type { WaitingDelivery } from '../core/delivery/delivery.ts'
import type { Shares } from '../core/delivery/shares.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import type { EventLog } from '../log/event-log.ts'
import { Claims } from './claims.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { DueStore } from './due-store.ts'
import type { Entities } from './entities/entities.ts'
import type { Lane } from './queue/lane.ts'
import { eventsOfRows } from './row-events.ts'
import type { Settlements } from './settling/settlements.ts'
import type { Settlement } from './settling/settling-store.ts'
import type { Turns } from './turns/turns.ts'

const pageSize = 256
/** Due rows held in memory at most, over all lanes. */
const claimsCap = 8_192
/** The longest sleep: timers overflow above 2^31-1 ms, and a clock may jump. */
const longestSleepMs = 10_000
/** Ordinary corrections set a clock back by up to this much. */
const ordinaryCorrectionMs = 2_000
/** The least time between two looks. */
const betweenLooksMs = 50
/** Claims for which the time grows by a millisecond: what is under way is looked at again each time. */
const claimsPerMs = 10
/** Subscriptions without a lane that are kept in mind (invariant 8). */
const mostStrangers = 10_000
/** How soon lanes that could take no retries are looked at again. */
const recheckMs = 250

export interface RetriesDeps {
  readonly shares: Shares
  readonly log: EventLog
  readonly due: DueStore
  readonly clock: Clock
  readonly turns: Pick<Turns<Lane>, 'restOf'>
  readonly entities: Pick<Entities, 'flowOf'>
  readonly dispatcher: Dispatcher
  readonly settlements: Settlements
  readonly onFailure: (error: unknown) => void
}

/** Brings waiting deliveries back to their lanes when they fall due. */
export class Retries {
  readonly #deps: RetriesDeps
  readonly #claims = new Claims()
  /** Subscriptions that have due rows and no lane here: their rows are left alone. */
  readonly #strangers = new Set<number>()
  readonly #wake = new Signal()
  #wakeAtMs = Number.POSITIVE_INFINITY
  #cancelTimer: (() => void) | null = null
  /** The clock's last reading. At the start it may lie before attempts of the run before. */
  #seenMs = Number.POSITIVE_INFINITY
  #isStopped = false
  #endRest: () => void = () => {}
  #running: Promise<void> | null = null

  constructor(deps: RetriesDeps) {
    this.#deps = deps
    deps.settlements.onWritten((settlement) => this.#written(settlement))
    deps.dispatcher.onEvent((event) => {
      if (event.kind === 'opened') this.look()
      if (event.kind === 'closed') this.#claims.forget(event.lane.number)
    })
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTimer?.()
    this.#wake.wake()
    this.#endRest()
    await this.#running
  }

  /** Rows became durable: some may fall due before the next look, and what was settled is no longer claimed. */
  #written(settlement: Settlement): void {
    for (const row of settlement.waiting) {
      this.#claims.end(row)
      this.#wakeBy(row.dueAtMs)
    }
    for (const row of settlement.ended) this.#claims.end(row)
    for (const row of settlement.cleared) this.#claims.end(row)
  }

  /** A lane was enabled or has room again. */
  look(): void {
    this.#wake.wake()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        const { shares, due, clock } = this.#deps
        await this.#noticeClock()
        const excluding = this.#excluded()
        const rows = await due.due({
          shares,
          nowMs: clock.now(),
          limit: pageSize,
          excluding,
          claimed: this.#claims.keys,
        })
        const isTaken = await this.#takeAll(rows)
        if (this.#isStopped) return
        if (isTaken && rows.length >= pageSize) continue
        const nextMs = await due.nextDueMs({ shares, excluding: this.#excluded(), claimed: this.#claims.keys })
        if (nextMs !== null) this.#wakeBy(Math.max(nextMs, clock.now() + recheckMs))
        const lookedMs = clock.now()
        await this.#wake.wait()
        await this.#rest(lookedMs)
      } catch (error) {
        if (this.#isStopped) return
        this.#deps.onFailure(error)
        await new Promise<void>((resolve) => this.#deps.clock.schedule(1_000, resolve))
      }
    }
  }

  async #rest(lookedMs: number): Promise<void> {
    const between = Math.min(recheckMs, betweenLooksMs + this.#claims.keys.size / claimsPerMs)
    const restMs = lookedMs + between - this.#deps.clock.now()
    // More than the whole of it: the clock was set back.
    if (restMs <= 0 || restMs > between || this.#isStopped) return
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.schedule(restMs, resolve)
      this.#endRest = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Set back by an hour, a clock would hold back for an hour what it made wait before. */
  async #noticeClock(): Promise<void> {
    const { shares, clock, due, settlements } = this.#deps
    // A delivery may have got its due time between two looks at the clock, before the clock was set back.
    this.#seenMs = Math.max(this.#seenMs, settlements.takeLatestMs())
    const nowMs = clock.now()
    const setBackMs = this.#seenMs - nowMs
    if (setBackMs > ordinaryCorrectionMs) {
      await settlements.flush()
      await due.bringForward({ shares, nowMs, byMs: Number.isFinite(setBackMs) ? setBackMs : 0 })
    }
    this.#seenMs = nowMs
  }

  /** Subscriptions whose lanes take no retries now. */
  #excluded(): Set<number> {
    const nowMs = this.#deps.clock.now()
    const excluded = this.#strangersNow()
    for (const lane of this.#deps.dispatcher.lanes()) {
      const rest = this.#deps.turns.restOf(lane, nowMs)
      if (rest) this.#wakeBy(rest.untilMs)
      // Nobody says when its ledger is read or it has room again.
      const takesLater = this.#roomOf(lane) <= 0
      if (takesLater) this.#wakeBy(nowMs + recheckMs)
      const isDisabled = lane.subscription.status === 'disabled' && !lane.policy.retriesWhileDisabled
      if (isDisabled || rest || takesLater) excluded.add(lane.number)
    }
    return excluded
  }

  #strangersNow(): Set<number> {
    // Most were forgotten long since; those that were not are found again.
    if (this.#strangers.size > mostStrangers) this.#strangers.clear()
    for (const number of this.#strangers) if (this.#deps.dispatcher.lane(number)) this.#strangers.delete(number)
    return new Set(this.#strangers)
  }

  async #takeAll(rows: readonly WaitingDelivery[]): Promise<boolean> {
    const strangers = this.#strangers.size
    const claimed = this.#claim(rows)
    const { events, failure } = await eventsOfRows(this.#deps.log, claimed)
    for (const row of claimed) {
      const event = events.get(row)
      // What could not be read is taken at a later look.
      const isTaken = event !== undefined && !this.#isStopped && this.#take(row, event)
      if (!isTaken) this.#claims.end(row)
    }
    if (failure) throw failure.cause
    return claimed.length > 0 || this.#strangers.size > strangers
  }

  /** Those that nobody has taken and their lanes have room for. */
  #claim(rows: readonly WaitingDelivery[]): WaitingDelivery[] {
    const claimed: WaitingDelivery[] = []
    const room = new Map<Lane, number>()
    for (const row of rows) {
      if (this.#claims.keys.size >= claimsCap) break
      if (this.#claims.has(row)) continue
      const lane = this.#deps.dispatcher.lane(row.subscription)
      if (!lane) {
        // Deleted and not forgotten yet, or not known here yet. Enough of such rows would fill every page.
        this.#strangers.add(row.subscription)
        continue
      }
      const left = room.get(lane) ?? this.#roomOf(lane)
      if (left <= 0) continue
      room.set(lane, left - 1)
      this.#claims.add(row)
      claimed.push(row)
    }
    return claimed
  }

  /** How many retries the lane takes now. */
  #roomOf(lane: Lane): number {
    return this.#deps.entities.flowOf(lane)?.isLoading ? 0 : lane.retryRoom
  }

  /** False: it is not taken after all. `event` null: retention took it while its delivery waited, so nothing is left to send. */
  #take(row: WaitingDelivery, event: StoredEvent | null): boolean {
    const lane = this.#deps.dispatcher.lane(row.subscription)
    if (!lane) return false
    if (event === null) {
      this.#deps.settlements.ended({ ...row, status: 'failed' })
      return true
    }
    return this.#deps.dispatcher.offer(lane, {
      event,
      sequence: row.sequence,
      attempts: row.attempts,
      firstAttemptAtMs: row.attempts === 0 ? null : row.firstAttemptAtMs,
      origin: 'retry',
      isLive: false,
      whenSettled: null,
      mayHaveRow: true,
      offeredAtMs: this.#deps.clock.now(),
    })
  }

  #wakeBy(atMs: number): void {
    const nowMs = this.#deps.clock.now()
    if (this.#cancelTimer && this.#wakeAtMs <= atMs) return
    this.#cancelTimer?.()
    this.#wakeAtMs = atMs
    this.#cancelTimer = this.#deps.clock.schedule(Math.min(Math.max(0, atMs - nowMs), longestSleepMs), () => {
      this.#cancelTimer = null
      this.#wake.wake()
    })
  }
}
