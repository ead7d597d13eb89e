import type { CatchUp } from '../core/delivery/catch-up.ts'
import type { Pace } from '../core/delivery/pace.ts'
import type { SkippedSpan } from '../core/delivery/skipped-span.ts'
import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { WebhookPolicy } from '../core/dialect/dialect.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { Dispatcher } from '../deliver/dispatcher.ts'
import type { Lane } from '../deliver/queue/lane.ts'
import type { Settlements } from '../deliver/settling/settlements.ts'
import type { SettlingStore } from '../deliver/settling/settling-store.ts'
import type { EventLog } from '../log/event-log.ts'
import { type CompiledSubscription, compileSubscription, isMatch } from '../match/compiled-subscription.ts'
import type { Grants } from '../match/grants.ts'
import { SubscriptionIndex } from '../match/subscription-index.ts'
import { Adoptions } from './adoptions.ts'
import { Progress } from './progress.ts'
import type { NewBeginning } from './progress-state.ts'
import { Reader } from './reader.ts'
import { Readers } from './readers.ts'
import { SharedLoop } from './shared-loop.ts'
import type { StoredPlaces } from './stored-places.ts'
import type { Tracker } from './tracker.ts'
import type { UnwrittenProgress } from './unwritten-progress.ts'

interface Member extends CompiledSubscription {
  readonly reader: Reader
}

/** Names of the catalogue's types. */
export interface TypeList {
  /** The type's name in a dialect; undefined: the dialect cannot name it, and never sees it. */
  nameOf(type: string, dialect: string): string | undefined
}

export interface Policies {
  policyOf(subscription: Subscription): WebhookPolicy
}

export interface ReadershipDeps {
  readonly log: EventLog
  readonly settling: SettlingStore
  readonly clock: Clock
  readonly grants: Grants
  readonly names: TypeList
  readonly policies: Policies
  readonly dispatcher: Dispatcher
  readonly settlements: Settlements
  readonly partition: number
  readonly places: StoredPlaces
  /** That of the shared loop. */
  readonly shared: Tracker
  readonly unwritten: UnwrittenProgress
  readonly onFailure: (error: unknown) => void
}

/** How a subscription's reading is to begin: `shared` takes part in what comes after `position`. */
export interface Beginning extends NewBeginning {
  readonly mode: 'shared' | 'own'
}

/** Where a subscription's reading of the log is. */
export interface Reading {
  readonly mode: 'shared' | 'own'
  /** The last sequence given. */
  readonly sequence: number
  /** Null while it keeps up, and while it is disabled. */
  readonly catchUp: CatchUp | null
  /** Of the log, everything up to here was considered. */
  readonly readTo: number
  /** Null: nothing is read for it alone. */
  readonly pace: Pace | null
  readonly skipped: readonly SkippedSpan[]
}

/**
 * The readers of all webhook subscriptions, by the registry, and the loops that read for them. One
 * partition a node today; the loops are per partition, so more of them are more of these.
 */
export class Readership {
  readonly #deps: ReadershipDeps
  readonly #members = new Map<number, Member>()
  readonly #index = new SubscriptionIndex<Member>()
  readonly #readers: Readers
  readonly #loop: SharedLoop
  readonly #adoptions: Adoptions
  #caughtUp: ((subscription: Subscription) => void)[] = []

  constructor(deps: ReadershipDeps) {
    this.#deps = deps
    this.#adoptions = new Adoptions(deps)
    this.#readers = new Readers({
      ...deps,
      matches: (reader, event) => this.#matches(reader, event),
      caughtUp: ({ lane }) => {
        for (const listener of this.#caughtUp) listener(lane.subscription)
      },
    })
    this.#loop = new SharedLoop(
      {
        ...deps,
        match: (event) => this.#index.match(event, deps.grants).map((member) => member.reader),
        readers: () => this.#all(),
        leave: (reader, readTo) => this.#readers.leave(reader, readTo),
        dropped: (reader, span) => this.#readers.noteDropped(reader, span),
      },
      deps.shared,
    )
    deps.dispatcher.onEvent((event) => {
      if (event.kind === 'resting') this.#detach(event.lane)
    })
  }

  /** Calls back when a loop of a subscription's own that was far behind has read as far as the shared one. */
  onCaughtUp(listener: (subscription: Subscription) => void): void {
    this.#caughtUp.push(listener)
  }

  start(): void {
    this.#loop.start()
  }

  /** Undefined: nothing reads for it. */
  reader(number: number): Reader | undefined {
    return this.#members.get(number)?.reader
  }

  /** The subscription as events are matched with it; undefined: nothing reads for it. */
  compiled(number: number): CompiledSubscription | undefined {
    return this.#members.get(number)
  }

  /** Makes durable where a subscription begins; of a new one, before the subscription itself is stored. */
  async place(number: number, beginning: Beginning): Promise<void> {
    const reader = this.reader(number)
    if (reader) {
      await this.#readers.restart(reader, beginning)
      return
    }
    const { partition, places, clock, settling } = this.#deps
    const { mode, position, reason } = beginning
    const row: SubscriptionProgress = {
      ...{ subscription: number, partition, mode, position },
      sequence: 0,
      catchUp: mode === 'own' ? { reason, sinceMs: clock.now(), from: position, pausedAtMs: null } : null,
      skipped: [],
    }
    places.set(await settling.place(row))
  }

  /** How far everything of the subscription is settled: going back starts here or before, so that nothing is skipped. */
  settledTo(number: number): number {
    const reader = this.reader(number)
    if (reader) return reader.progress.settledTo(this.#deps.shared.watermark)
    return this.#deps.places.get(number)?.position ?? 0
  }

  /** Follows the registry: a new, changed, or deleted subscription. */
  apply(number: number, subscription: Subscription | null): void {
    const member = this.#members.get(number)
    if (subscription && member) this.#change(member, subscription)
    else if (member) this.#remove(member)
    else if (this.#adoptions.note(number, subscription)) return
    else if (subscription && this.#deps.places.get(number)) this.#add(subscription)
    else if (subscription) this.#adopt(subscription)
  }

  /** Events of the log that the subscription's reading has not considered yet. */
  behind(number: number): number {
    const reader = this.reader(number)
    if (!reader) return 0
    const { latest, earliest } = this.#deps.log.bounds(this.#deps.partition)
    return Math.max(0, latest - Math.max(this.#readTo(reader), earliest))
  }

  reading(number: number): Reading | undefined {
    const reader = this.reader(number)
    if (!reader) return undefined
    const { catchUp, skipped, sequences, sharedFrom } = reader.progress
    const mode = sharedFrom === null ? 'own' : 'shared'
    const pace = this.#readers.paceOf(reader)
    return { mode, sequence: sequences.last, catchUp, skipped, readTo: this.#readTo(reader), pace }
  }

  /** Reads nothing more for it until `resumeCatchUp`; resolves once that is durable. */
  async pauseCatchUp(number: number): Promise<void> {
    const reader = this.reader(number)
    if (reader) await this.#readers.pause(reader)
  }

  async resumeCatchUp(number: number): Promise<void> {
    const reader = this.reader(number)
    if (reader) await this.#readers.resume(reader)
  }

  /** Leaves out what it is behind with; resolves once that is durable. */
  async cancelCatchUp(number: number): Promise<void> {
    await this.#deps.log.refresh()
    const reader = this.reader(number)
    if (reader) await this.#readers.cancel(reader)
  }

  async stop(): Promise<void> {
    this.#readers.stop()
    this.#adoptions.stop()
    await this.#loop.stop()
  }

  *#all(): Iterable<Reader> {
    for (const member of this.#members.values()) yield member.reader
  }

  /** One whose endpoint is left alone for a while goes on in a loop of its own, so that it holds nobody back. */
  #detach({ number }: Lane): void {
    const reader = this.reader(number)
    if (reader) this.#readers.leave(reader)
  }

  #readTo({ progress }: Reader): number {
    return progress.readTo(this.#deps.shared.readTo)
  }

  /** Begins now, unless whoever made it has given it a place. */
  #adopt(subscription: Subscription): void {
    const { log, partition, places, clock, shared } = this.#deps
    const { latest } = log.bounds(partition)
    const now = { mode: 'shared', position: latest, sequence: 0, catchUp: null, skipped: [] } as const
    void this.#adoptions.begin(
      subscription,
      { subscription: subscription.number, partition, ...now },
      (current, place) => {
        // What the shared loop has read meanwhile, a loop of its own reads.
        const isPassed = place.mode === 'shared' && place.position < shared.readTo
        const catchUp = { reason: 'start', sinceMs: clock.now(), from: place.position, pausedAtMs: null } as const
        places.set(isPassed ? { ...place, mode: 'own', catchUp } : place)
        this.#add(current)
      },
    )
  }

  /** Its place is known. */
  #add(subscription: Subscription): void {
    const { dispatcher, policies, places, log, partition, unwritten } = this.#deps
    const { row, wasRead, known } = places.take(subscription.number)
    const { latest } = log.bounds(partition)
    const lane = dispatcher.open(subscription, policies.policyOf(subscription))
    const reader = new Reader(lane, new Progress(row, wasRead ? latest : 0), known)
    unwritten.follow(reader)
    const member: Member = { ...this.#compile(subscription), reader }
    this.#members.set(subscription.number, member)
    if (subscription.status === 'active') this.#index.add(member)
    this.#readers.open(reader)
  }

  #change({ reader, subscription: { status, number } }: Member, subscription: Subscription): void {
    const { dispatcher, policies } = this.#deps
    const member: Member = { ...this.#compile(subscription), reader }
    this.#members.set(number, member)
    this.#index.remove(number)
    if (subscription.status === 'active') this.#index.add(member)
    dispatcher.configure(reader.lane, subscription, policies.policyOf(subscription))
    if (subscription.status === 'active' && status !== 'active') this.#readers.enable(reader)
    if (subscription.status !== 'active' && status === 'active') this.#readers.disable(reader)
  }

  #remove({ reader, subscription: { number } }: Member): void {
    const { dispatcher, unwritten } = this.#deps
    this.#members.delete(number)
    this.#index.remove(number)
    this.#readers.remove(reader)
    reader.open.settleAll()
    dispatcher.close(reader.lane)
    unwritten.forget(reader)
  }

  #compile(subscription: Subscription): CompiledSubscription {
    const { names } = this.#deps
    return compileSubscription(subscription, (type) => names.nameOf(type, subscription.dialect) !== undefined)
  }

  #matches({ number }: Reader, event: StoredEvent): boolean {
    const member = this.#members.get(number)
    return member !== undefined && isMatch(member, event, this.#deps.grants)
  }
}
