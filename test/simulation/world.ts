import { soleLease } from '../../packages/server/src/core/delivery/lease.ts'
import type { StoredEvent } from '../../packages/server/src/core/event/event.ts'
import type { Subscription } from '../../packages/server/src/core/registry/registry.ts'
import { sampleSubscription } from '../../packages/server/src/dialects/samples.ts'
import type { DeliveryEngine } from '../../packages/server/src/engines/delivery-engine.ts'
import { makeMemoryDeliveryStore } from '../../packages/server/src/engines/memory/delivery-store.ts'
import { MemoryLog } from '../../packages/server/src/engines/memory/log.ts'
import { contentsOf, noHistory } from '../../packages/server/src/follow/fixtures/webhooks.ts'
import { Webhooks } from '../../packages/server/src/follow/webhooks.ts'
import type { EventLog } from '../../packages/server/src/log/event-log.ts'
import type { Grants } from '../../packages/server/src/match/grants.ts'
import { newEvent } from './events.ts'
import { neverGivesUp } from './never-gives-up.ts'
import { Random } from './random.ts'
import { Receivers } from './receivers.ts'
import { slowed } from './slowed.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What of the store waits for the disk. */
const slowCalls: readonly (keyof DeliveryEngine)[] = [
  'place',
  'settle',
  'due',
  'nextDueMs',
  'load',
  'list',
  'knownAfter',
  'deliveredAfter',
  'forget',
  'reopen',
]

export interface SubscriptionFacts {
  readonly number: number
  /** Events above this position are its own: exactly, for both kinds of start. */
  readonly from: number
  isDeleted: boolean
  isReplayed: boolean
  /** The ends of the log when it was told to leave out what it was behind with. */
  readonly leftOutUpTo: number[]
}

/** A process of the server: what it asks of the stores takes time, and after a crash nothing of it happens. */
interface Process {
  isAlive: boolean
  webhooks: Webhooks
}

/** The delivery core in a world that is made of its seed alone: stores, receivers, time and crashes. */
export class World {
  readonly random: Random
  readonly clock: VirtualClock
  readonly log: MemoryLog
  readonly store: DeliveryEngine
  readonly receivers: Receivers
  readonly facts = new Map<number, SubscriptionFacts>()
  readonly records = new Map<number, Subscription>()
  /** As the registry remembers it. */
  readonly deleted = new Set<number>()
  readonly published: StoredEvent[] = []
  readonly failures: unknown[] = []
  crashes = 0
  #process: Process | undefined
  #events = 0
  #numbers = 0

  constructor(seed: number) {
    this.random = new Random(seed)
    this.clock = new VirtualClock(Date.UTC(2026, 0, 1))
    // Engines may leave positions out. The dice of these worlds are their own, so that the others stay what they were.
    const holes = new Random(-seed)
    const holeBefore = () => (seed % 3 === 0 && holes.chance(0.3) ? holes.between(1, 20) : 0)
    this.log = new MemoryLog({ clock: this.clock, epoch: 7, holeBefore })
    this.store = makeMemoryDeliveryStore()
    this.receivers = new Receivers(this.clock, this.random)
  }

  get webhooks(): Webhooks {
    return this.#process!.webhooks
  }

  async start(): Promise<void> {
    const process: Process = { isAlive: true, webhooks: undefined as unknown as Webhooks }
    this.#process = process
    const clock = this.clock.forProcess(() => process.isAlive)
    const store = slowed<DeliveryEngine>(this.store, slowCalls, process, this)
    const opening = Webhooks.open({
      log: slowed<EventLog>(this.log, ['read'], process, this),
      lease: soleLease,
      deleted: { has: (number) => this.deleted.has(number), before: () => [], drop: async () => {} },
      ...{ settling: store, due: store, history: store },
      clock,
      random: () => this.random.next(),
      sender: this.receivers.senderOf(process),
      grants: everything,
      histories: noHistory,
      attempts: 16,
      names: { nameOf: (type) => type },
      contents: contentsOf(this.log.epoch, neverGivesUp),
      policies: { policyOf: () => neverGivesUp.policy },
      subscriptions: this.records.values(),
      onFailure: (error) => {
        if (process.isAlive) this.failures.push(error)
      },
    })
    for (let step = 0; step < 200 && !process.webhooks; step += 1) {
      void opening.then((webhooks) => {
        process.webhooks = webhooks
      })
      await this.clock.advance(5)
    }
    process.webhooks.onEvent((event) => {
      if (!process.isAlive) return
      if (event.kind === 'refused') this.#disable(event.subscription, event.reason)
      if (event.kind === 'news' && event.news.kind === 'failed too long') this.#disable(event.subscription, 'failing')
    })
    for (const record of this.records.values()) process.webhooks.apply(record.number, record)
    process.webhooks.start()
  }

  #disable({ number }: Subscription, disabledReason: NonNullable<Subscription['disabledReason']>): void {
    this.change(number, { status: 'disabled', disabledReason })
  }

  /** As `kill -9`: what was asked for and not done yet is not done, what was done stays. */
  crash(): void {
    this.crashes += 1
    this.#process!.isAlive = false
  }

  async publish(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => newEvent(++this.#events, this.random))
    const result = await this.log.append(events)
    if (result.kind !== 'appended') throw new Error('the model log refused')
    for (const [index, event] of events.entries()) {
      this.published.push({ ...event, ...result.events[index]!, appendedAtMs: this.clock.now() })
    }
  }

  /** Makes a subscription; resolves once it exists. False: the server crashed before. */
  async subscribe(options: Partial<Subscription>, start: 'now' | 'earliest'): Promise<boolean> {
    const process = this.#process!
    this.#numbers += 1
    const number = this.#numbers
    const { earliest, latest } = this.log.bounds(0)
    const from = start === 'now' ? latest : earliest
    const placed = process.webhooks.readership.place(number, {
      ...{ mode: start === 'now' ? 'shared' : 'own', position: from },
      ...{ reason: 'start', isPartial: false, skips: null },
    })
    if (!(await this.#until(placed, process))) return false
    const record = sampleSubscription('standard', { id: `sub_${number}`, number, concurrency: 4, ...options })
    this.records.set(number, record)
    this.facts.set(number, { number, from, isDeleted: false, isReplayed: false, leftOutUpTo: [] })
    this.receivers.add(number)
    process.webhooks.apply(number, record)
    return true
  }

  change(number: number, change: Partial<Subscription>): void {
    const record = this.records.get(number)
    if (!record) return
    const next = {
      ...record,
      ...change,
      version: record.version + 1,
      updatedAt: new Date(this.clock.now()).toISOString(),
    }
    this.records.set(number, next)
    this.webhooks.apply(number, next)
  }

  delete(number: number): void {
    this.records.delete(number)
    this.deleted.add(number)
    this.facts.get(number)!.isDeleted = true
    this.webhooks.apply(number, null)
  }

  async rewind(number: number, position: number): Promise<void> {
    const process = this.#process!
    this.facts.get(number)!.isReplayed = true
    this.change(number, { replayedAt: new Date(this.clock.now()).toISOString() })
    await this.#until(
      process.webhooks.readership.place(number, {
        ...{ mode: 'own', position, reason: 'rewind', isPartial: false, skips: null },
      }),
      process,
    )
  }

  async pauseCatchUp(number: number): Promise<void> {
    const process = this.#process!
    await this.#until(process.webhooks.readership.pauseCatchUp(number), process)
  }

  async resumeCatchUp(number: number): Promise<void> {
    const process = this.#process!
    await this.#until(process.webhooks.readership.resumeCatchUp(number), process)
  }

  async cancelCatchUp(number: number): Promise<void> {
    const process = this.#process!
    this.facts.get(number)!.leftOutUpTo.push(this.log.bounds(0).latest)
    await this.#until(process.webhooks.readership.cancelCatchUp(number), process)
  }

  /** Of one that is disabled, as enabling from now does it. */
  async enableFromNow(number: number): Promise<void> {
    const process = this.#process!
    if (this.records.get(number)?.status !== 'disabled') return
    const position = this.log.bounds(0).latest
    this.facts.get(number)!.leftOutUpTo.push(position)
    const placed = process.webhooks.readership.place(number, {
      ...{ mode: 'own', position, reason: 'enable', isPartial: false, skips: 'enabled_from_now' },
    })
    if (await this.#until(placed, process)) this.change(number, { status: 'active', disabledReason: null })
  }

  /** Waits for the server, moving time in small steps; false when it crashed meanwhile. */
  async #until(promise: Promise<unknown>, process: Process): Promise<boolean> {
    let isDone = false
    void promise.then(() => {
      isDone = true
    })
    for (let step = 0; step < 1_000 && !isDone; step += 1) {
      if (!process.isAlive) return false
      await this.clock.advance(2)
    }
    return isDone
  }
}

const everything: Grants = {
  integrationsOf: () => ['int_1'],
  direct: () => ({ allows: () => true }),
  inherited: () => ({ allows: () => true }),
  ofToken: () => ({ allows: () => true }),
  lineage: (tenantId) => [tenantId],
}
