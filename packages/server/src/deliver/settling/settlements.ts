import { Signal } from '../../core/collection/signal.ts'
import type { AttemptRecord } from '../../core/delivery/attempt-record.ts'
import {
  type DeliveryKey,
  deliveryKeyText,
  type EndedDelivery,
  type WaitingDelivery,
} from '../../core/delivery/delivery.ts'
import type { Lease } from '../../core/delivery/lease.ts'
import type { SubscriptionProgress } from '../../core/delivery/subscription-progress.ts'
import type { SeriesCounts } from '../../core/series/counts.ts'
import type { Scope } from '../../core/series/scope.ts'
import { Tallies } from '../../core/series/tally.ts'
import type { Clock } from '../../core/time/clock.ts'
import { FencedError } from './fenced.ts'
import type { Settlement, SettlingStore } from './settling-store.ts'

/** How long settled deliveries gather before they are written: one sync to disk serves them all. */
const gatherMs = 25
/** Unwritten rows at which reading loops stop until they are written (invariant 8). */
const rowsCap = 20_000

type Outstanding =
  | { readonly kind: 'waiting'; readonly row: WaitingDelivery }
  | { readonly kind: 'ended'; readonly row: EndedDelivery }
  | { readonly kind: 'cleared'; readonly row: DeliveryKey }

/** What an attempt counts as, and of whom. */
export interface Tallied {
  readonly scopes: readonly Scope[]
  readonly counts: SeriesCounts
}

interface Refused {
  readonly cause: unknown
}

/** How far reading is. It is asked at the moment of writing, so that it describes the same moment as the rows. */
export interface ReadingProgress {
  /** What changed since the last call. */
  changed(): Pick<Settlement, 'watermarks' | 'progress'>
  /** These rows of `changed` could not be stored: they are told again. */
  notWritten(rows: readonly SubscriptionProgress[]): void
}

export interface SettlementsDeps {
  readonly store: Pick<SettlingStore, 'settle'>
  readonly lease: Lease
  readonly clock: Clock
  readonly progress: ReadingProgress
  readonly onFailure: (error: unknown) => void
}

/**
 * Gathers what was settled and writes it as one, again and again. One write is under way at a time.
 *
 * A write that was fenced is the last one. What it held was sent by this node and belongs to another now, which will
 * send it again: nothing of it is written later, nothing more is gathered, and `onFailure` hears of it once, to end
 * the process.
 */
export class Settlements {
  readonly #deps: SettlementsDeps
  readonly #listeners: ((settlement: Settlement) => void)[] = []
  #attempts: AttemptRecord[] = []
  readonly #tallies = new Tallies()
  /** The outcome of each delivery since the last write. A later outcome replaces an earlier one. */
  #outstanding = new Map<string, Outstanding>()
  #isDirty = false
  #latestMs = Number.NEGATIVE_INFINITY
  #writing: Promise<Refused | null> | null = null
  #cancelTimer: (() => void) | null = null
  #written: (() => void)[] = []
  readonly #room = new Signal()
  #fenced: FencedError | null = null

  constructor(deps: SettlementsDeps) {
    this.#deps = deps
  }

  /** Calls back after each write that became durable. */
  onWritten(listener: (settlement: Settlement) => void): void {
    this.#listeners.push(listener)
  }

  get isFull(): boolean {
    return this.#attempts.length + this.#outstanding.size >= rowsCap
  }

  /** Resolves when rows were written since the call. */
  room(): Promise<void> {
    return this.#room.wait()
  }

  /** Counted in the minute in which it ended. */
  attempted(record: AttemptRecord, { scopes, counts }: Tallied): void {
    if (this.#fenced) return
    this.#attempts.push(record)
    this.#tallies.add(scopes, record.atMs + record.durationMs, counts)
    this.touch()
  }

  waits(row: WaitingDelivery): void {
    this.#latestMs = Math.max(this.#latestMs, this.#deps.clock.now())
    this.#note({ kind: 'waiting', row })
  }

  ended(row: EndedDelivery): void {
    this.#note({ kind: 'ended', row })
  }

  cleared(row: DeliveryKey): void {
    this.#note({ kind: 'cleared', row })
  }

  /** The latest time at which something was made to wait since the last call; -Infinity: nothing was. */
  takeLatestMs(): number {
    const latestMs = this.#latestMs
    this.#latestMs = Number.NEGATIVE_INFINITY
    return latestMs
  }

  #note(outstanding: Outstanding): void {
    if (this.#fenced) return
    this.#outstanding.set(deliveryKeyText(outstanding.row), outstanding)
    this.touch()
  }

  /** A watermark or a lane's progress may have moved. */
  touch(): void {
    if (this.#fenced) return
    this.#isDirty = true
    if (this.#writing || this.#cancelTimer) return
    this.#cancelTimer = this.#deps.clock.schedule(gatherMs, () => {
      this.#cancelTimer = null
      void this.flush()
    })
  }

  /** Resolves when everything gathered up to now is durable, or the store has refused it: what is refused is written later. */
  async flush(): Promise<void> {
    await this.#writeGathered()
  }

  /**
   * Resolves when everything gathered up to now is durable.
   * @throws what the store refused it with, and it is written later all the same; FencedError: it never is
   */
  async durable(): Promise<void> {
    const refused = await this.#writeGathered()
    if (this.#fenced) throw this.#fenced
    if (refused) throw refused.cause
  }

  async #writeGathered(): Promise<Refused | null> {
    while (this.#writing) await this.#writing
    if (!this.#isDirty) return null
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#writing = this.#write().finally(() => {
      this.#writing = null
      this.#room.wake()
      if (this.#isDirty) this.touch()
    })
    return this.#writing
  }

  /** Calls back when everything gathered up to now is durable. */
  afterNextWrite(callback: () => void): void {
    if (this.#fenced) return
    this.#written.push(callback)
    this.touch()
  }

  async #write(): Promise<Refused | null> {
    const attempts = this.#attempts
    const outstanding = this.#outstanding
    const callbacks = this.#written
    const settlement: Settlement = {
      ...this.#deps.progress.changed(),
      ...{ attempts, tallies: this.#tallies.take() },
      ...rowsOf(outstanding),
    }
    this.#attempts = []
    this.#outstanding = new Map()
    this.#written = []
    this.#isDirty = false
    try {
      if ((await this.#deps.store.settle(settlement, this.#deps.lease)) === 'fenced') return this.#end()
      for (const listener of this.#listeners) listener(settlement)
      for (const callback of callbacks) callback()
      return null
    } catch (cause) {
      // Nothing of it is durable: it is written with the next rows, under watermarks and progress
      // taken anew then.
      this.#attempts = [...attempts, ...this.#attempts]
      this.#tallies.giveBack(settlement.tallies)
      this.#outstanding = new Map([...outstanding, ...this.#outstanding])
      this.#written = [...callbacks, ...this.#written]
      this.#isDirty = true
      this.#deps.progress.notWritten(settlement.progress)
      this.#deps.onFailure(cause)
      await new Promise<void>((resolve) => this.#deps.clock.schedule(1_000, resolve))
      return { cause }
    }
  }

  #end(): null {
    this.#fenced = new FencedError()
    this.#attempts = []
    this.#tallies.take()
    this.#outstanding.clear()
    this.#written = []
    this.#isDirty = false
    this.#deps.onFailure(this.#fenced)
    return null
  }
}

function rowsOf(outstanding: ReadonlyMap<string, Outstanding>): Pick<Settlement, 'waiting' | 'ended' | 'cleared'> {
  const waiting: WaitingDelivery[] = []
  const ended: EndedDelivery[] = []
  const cleared: DeliveryKey[] = []
  for (const entry of outstanding.values()) {
    switch (entry.kind) {
      case 'waiting':
        waiting.push(entry.row)
        break
      case 'ended':
        ended.push(entry.row)
        break
      case 'cleared':
        cleared.push(entry.row)
        break
      default:
        entry satisfies never
    }
  }
  return { waiting, ended, cleared }
}
