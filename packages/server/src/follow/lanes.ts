import type { CatchUp } from '../core/delivery/catch-up.ts'
import type { Pace } from '../core/delivery/pace.ts'
import type { SkippedSpan } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { WebhookPolicy } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import type { DueStore } from '../deliver/due-store.ts'
import { entityOf } from '../deliver/entities/entity-order.ts'
import type { HistoryStore } from '../deliver/history-store.ts'
import { Lane } from '../deliver/lane.ts'
import type { Settlements } from '../deliver/settlements.ts'
import { nothingSettled, type SettlingStore } from '../deliver/settling-store.ts'
import type { EventLog } from '../log/event-log.ts'
import { type CompiledSubscription, compileSubscription, isMatch } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'
import { SubscriptionIndex } from '../match/subscription-index.ts'
import { type LedgerLoadingDeps, startLedgerLoading } from './ledger-loading.ts'
import { Progress } from './progress.ts'
import { Reader } from './reader.ts'
import { type NewBeginning, Readers } from './readers.ts'
import { SharedLoop } from './shared-loop.ts'
import { StoredPlaces } from './stored-places.ts'
import { settledTo, UnwrittenProgress } from './unwritten-progress.ts'

interface Member extends CompiledSubscription {
  readonly reader: Reader
}

export interface LanesDeps {
  readonly log: EventLog
  readonly settling: SettlingStore
  readonly due: DueStore
  readonly history: HistoryStore
  readonly clock: Clock
  readonly grants: Grants
  readonly types: () => Iterable<string>
  /** Whether a dialect can name a type: it never sees the others. */
  readonly isNamed: (type: string, dialect: string) => boolean
  readonly policyOf: (subscription: Subscription) => WebhookPolicy
  readonly dispatcher: Dispatcher
  readonly settlements: () => Settlements
  /** Its own loop has read as far as the shared one. */
  readonly caughtUp: (subscription: Subscription) => void
  readonly onFailure: (error: unknown) => void
}

/** How a subscription's reading is to begin: `shared` takes part in what comes after `position`. */
export interface Beginning extends NewBeginning {
  readonly mode: 'shared' | 'own'
}

/** Where a subscription's reading of the log is. */
export interface Reading {
  /** Null while it keeps up, and while it is disabled. */
  readonly catchUp: CatchUp | null
  /** Of the log, everything up to here was considered. */
  readonly readTo: number
  /** Null: nothing is read for it alone. */
  readonly pace: Pace | null
  readonly skipped: readonly SkippedSpan[]
}

/**
 * The lanes of all webhook subscriptions, by the registry, and the loops that read for them. One
 * partition a node today; the loops are per partition, so more of them are more of these.
 */
export class Lanes {
  readonly shared: SharedLoop
  readonly #deps: LanesDeps
  readonly #partition: number
  readonly #members = new Map<number, Member>()
  readonly #index: SubscriptionIndex<Member>
  readonly #places: StoredPlaces
  readonly #readers: Readers
  readonly #unwritten: UnwrittenProgress
  readonly #ledgerLoading: LedgerLoadingDeps
  #isStopped = false

  private constructor(deps: LanesDeps, partition: number, places: StoredPlaces) {
    this.#deps = deps
    this.#partition = partition
    this.#places = places
    this.#index = new SubscriptionIndex<Member>(deps.types())
    this.#unwritten = new UnwrittenProgress(partition, () => this.shared)
    this.#ledgerLoading = { ...deps, isStopped: () => this.#isStopped }
    this.#readers = new Readers({
      ...deps,
      partition,
      matches: (reader, event) => this.#matches(reader, event),
      sharedReadTo: () => this.shared.tracker.readTo,
      sharedTracker: () => this.shared.tracker,
      caughtUp: (reader) => deps.caughtUp(reader.lane.subscription),
    })
    this.shared = new SharedLoop(
      {
        ...deps,
        partition,
        settlements: deps.settlements(),
        match: (event) => this.#index.match(event, deps.grants).map((member) => member.reader),
        readers: () => this.#all(),
        leave: (reader, readTo) => this.#readers.leave(reader, readTo),
      },
      places.watermark,
    )
  }

  /** Takes up where the last run of the server stopped. */
  static async open(deps: LanesDeps, partition: number, subscriptions: Iterable<Subscription>): Promise<Lanes> {
    // What another node has appended counts: how far the log goes tells which sequences the run before may have given.
    await deps.log.refresh()
    return new Lanes(deps, partition, await StoredPlaces.load(deps, partition, subscriptions))
  }

  get(number: number): Lane | undefined {
    return this.readerOf(number)?.lane
  }

  *all(): Iterable<Lane> {
    for (const reader of this.#all()) yield reader.lane
  }

  readerOf(number: number): Reader | undefined {
    return this.#members.get(number)?.reader
  }

  *#all(): Iterable<Reader> {
    for (const member of this.#members.values()) yield member.reader
  }

  /** Makes durable where a subscription begins; of a new one, before the subscription itself is stored. */
  async place(number: number, beginning: Beginning): Promise<void> {
    const reader = this.readerOf(number)
    if (reader) {
      await this.#readers.restart(reader, beginning)
      return
    }
    const { mode, position, reason } = beginning
    const row: SubscriptionProgress = {
      ...{ subscription: number, partition: this.#partition, mode, position },
      sequence: this.#places.get(number)?.sequence ?? 0,
      catchUp: mode === 'own' ? { reason, sinceMs: this.#deps.clock.now(), from: position, pausedAtMs: null } : null,
      skipped: [],
    }
    // No watermark: the rows that it relies on are gathered elsewhere and may not be written yet.
    await this.#deps.settling.settle({ ...nothingSettled, progress: [row] })
    this.#places.set(row)
  }

  /** How far everything of the subscription is settled: going back starts here or before, so that nothing is skipped. */
  settledTo(number: number): number {
    const reader = this.readerOf(number)
    return reader ? settledTo(reader, this.shared) : (this.#places.get(number)?.position ?? 0)
  }

  /** Follows the registry: a new, changed, or deleted subscription. */
  apply(number: number, subscription: Subscription | null): void {
    const member = this.#members.get(number)
    if (subscription && member) this.#change(member, subscription)
    else if (subscription) this.#add(subscription)
    else if (member) this.#remove(member)
  }

  /** The progress rows that changed, for the next settlement. */
  changedProgress(): SubscriptionProgress[] {
    return this.#unwritten.changed()
  }

  /** These rows of `changedProgress` could not be stored. */
  progressNotWritten(rows: readonly SubscriptionProgress[]): void {
    for (const row of rows) this.readerOf(row.subscription)?.progress.notWritten()
  }

  /** A lane whose endpoint fails goes on in a loop of its own, so that it holds nobody back. */
  detach({ subscription }: Lane): void {
    const reader = this.readerOf(subscription.number)
    if (reader?.progress.mode === 'shared') this.#readers.leave(reader, this.shared.tracker.readTo)
  }

  /** Events of the log that the subscription's reading has not considered yet. */
  behind(number: number): number {
    const reader = this.readerOf(number)
    if (!reader) return 0
    const { latest, earliest } = this.#deps.log.bounds(this.#partition)
    return Math.max(0, latest - Math.max(this.#readTo(reader), earliest))
  }

  reading(number: number): Reading | undefined {
    const reader = this.readerOf(number)
    if (!reader) return undefined
    const { catchUp, skipped } = reader.progress
    return { catchUp, skipped, readTo: this.#readTo(reader), pace: this.#readers.paceOf(reader) }
  }

  /** Reads nothing more for it until `resumeCatchUp`; resolves once that is durable. */
  async pauseCatchUp(number: number): Promise<void> {
    const reader = this.readerOf(number)
    if (reader) await this.#readers.pause(reader)
  }

  async resumeCatchUp(number: number): Promise<void> {
    const reader = this.readerOf(number)
    if (reader) await this.#readers.resume(reader)
  }

  /** Leaves out what it is behind with; resolves once that is durable. */
  async cancelCatchUp(number: number): Promise<void> {
    await this.#deps.log.refresh()
    const reader = this.readerOf(number)
    if (reader) await this.#readers.cancel(reader)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#readers.stop()
    await this.shared.stop()
  }

  #readTo({ progress }: Reader): number {
    if (progress.mode === 'own' && progress.own) return progress.own.readTo
    return Math.max(this.shared.tracker.readTo, progress.sharedFrom)
  }

  #add(subscription: Subscription): void {
    const { number } = subscription
    const { row, wasRead, known } = this.#places.take(number)
    const { latest } = this.#deps.log.bounds(this.#partition)
    const start = row ?? { mode: 'shared', position: latest, sequence: 0, catchUp: null, skipped: [] }
    const lane = new Lane(subscription, this.#deps.policyOf(subscription))
    const reader = new Reader(lane, new Progress(start, wasRead ? latest : 0))
    const { progress } = reader
    this.#unwritten.follow(reader)
    for (const position of known) reader.known.add(position)
    const member: Member = { ...this.#compiled(subscription), reader }
    this.#members.set(number, member)
    this.#deps.dispatcher.recallHold(subscription)
    startLedgerLoading(this.#ledgerLoading, lane)
    if (subscription.status === 'active') {
      this.#index.add(member)
      this.#readers.goOn(reader)
    } else if (progress.mode === 'shared') {
      progress.leave(Math.max(progress.sharedFrom, this.shared.tracker.readTo))
    } else progress.catchUp = null
  }

  #change(member: Member, subscription: Subscription): void {
    const { reader } = member
    const { lane } = reader
    const { number } = subscription
    const wasActive = member.subscription.status === 'active'
    const before = lane.ledger
    const next: Member = { ...this.#compiled(subscription), reader }
    this.#members.set(number, next)
    lane.configure(subscription, this.#deps.policyOf(subscription))
    if (!before) startLedgerLoading(this.#ledgerLoading, lane)
    else if (!lane.isOrdered) {
      const dueAtMs = this.#deps.clock.now()
      for (const row of [...before.held()]) {
        lane.ledger?.wait(entityOf(row), { ...row, dueAtMs })
        this.#deps.settlements().waits({ ...row, dueAtMs })
      }
    }
    this.#index.remove(number)
    if (subscription.status === 'active') {
      this.#index.add(next)
      if (!wasActive) {
        this.#deps.dispatcher.releaseHold(subscription)
        this.#readers.begin(reader, 'enable')
      }
      this.#deps.dispatcher.pump(lane)
    } else if (wasActive) this.#readers.halt(reader)
  }

  #remove({ reader, subscription }: Member): void {
    this.#members.delete(subscription.number)
    this.#index.remove(subscription.number)
    this.#readers.remove(reader)
    reader.settleAll()
    this.#deps.dispatcher.forget(reader.lane)
    this.#deps.settling.forget(subscription.number).catch(this.#deps.onFailure)
  }

  #compiled(subscription: Subscription): CompiledSubscription {
    return compileSubscription(subscription, (type) => this.#deps.isNamed(type, subscription.dialect))
  }

  #matches({ number }: Reader, event: StoredEvent): boolean {
    const member = this.#members.get(number)
    return member !== undefined && isMatch(member, event, this.#deps.grants)
  }
}
