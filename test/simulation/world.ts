import type { WebhookDialect, WebhookPolicy } from '../../packages/server/src/core/dialect.ts'
import type { NewEvent, StoredEvent } from '../../packages/server/src/core/event.ts'
import type { Subscription } from '../../packages/server/src/core/registry.ts'
import type { DeliveryStore } from '../../packages/server/src/deliver/delivery-store.ts'
import type { Sender } from '../../packages/server/src/deliver/sender.ts'
import type { TransportResult } from '../../packages/server/src/deliver/transport.ts'
import { makeMemoryDeliveryStore } from '../../packages/server/src/engines/memory/delivery-store.ts'
import { MemoryLog } from '../../packages/server/src/engines/memory/log.ts'
import type { EventLog } from '../../packages/server/src/log/event-log.ts'
import type { Grants } from '../../packages/server/src/match/grants.ts'
import { Webhooks } from '../../packages/server/src/match/webhooks.ts'
import { Random } from './random.ts'
import { VirtualClock } from './virtual-clock.ts'

const types = ['invoice.created', 'invoice.updated', 'customer.updated'] as const
const topics: Record<string, string> = {
  'invoice.created': 'invoices',
  'invoice.updated': 'invoices',
  'customer.updated': 'customers',
}

/** Retries go on for weeks, so that in a world that heals nothing is given up. */
const policy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: [1, 5, 30, 300, ...Array.from({ length: 400 }, () => 3_600)],
  jitter: 0.1,
  honoursRetryAfter: true,
  disablesOnGone: true,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}

const dialect: WebhookDialect = {
  policy,
  encode: () => ({ method: 'POST', url: 'https://receiver.example/', headers: [], body: '' }),
  allowsBatch: true,
  carriesEntity: false,
}

/** One request as a receiver saw it. */
export interface Received {
  readonly subscription: number
  readonly position: number
  readonly deliveryId: string
  readonly sequence: number | null
  readonly type: string
  readonly entity: string
  readonly isAccepted: boolean
  readonly atMs: number
}

interface Receiver {
  failure: number
  slowMs: number
  deadUntilMs: number
}

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
  readonly store: DeliveryStore
  readonly received: Received[] = []
  readonly facts = new Map<number, SubscriptionFacts>()
  readonly records = new Map<number, Subscription>()
  readonly published: StoredEvent[] = []
  readonly failures: unknown[] = []
  crashes = 0
  readonly #receivers = new Map<number, Receiver>()
  #process: Process | undefined
  #events = 0
  #numbers = 0

  constructor(seed: number) {
    this.random = new Random(seed)
    this.clock = new VirtualClock(Date.UTC(2026, 0, 1))
    this.log = new MemoryLog({ clock: this.clock, epoch: 7 })
    this.store = makeMemoryDeliveryStore()
  }

  get webhooks(): Webhooks {
    return this.#process!.webhooks
  }

  async start(): Promise<void> {
    const process: Process = { isAlive: true, webhooks: undefined as unknown as Webhooks }
    this.#process = process
    const clock = this.clock.forProcess(() => process.isAlive)
    const opening = Webhooks.open({
      log: this.#slow<EventLog>(this.log, process, ['read']),
      store: this.#slow<DeliveryStore>(this.store, process, [
        'settle',
        'due',
        'nextDueMs',
        'load',
        'list',
        'knownAfter',
        'deliveredAfter',
        'forget',
        'reopen',
      ]),
      clock,
      random: () => this.random.next(),
      sender: this.#sender(process),
      grants: everything,
      attempts: 16,
      types: () => types,
      subscriptions: () => this.records.values(),
      dialectOf: () => dialect,
      nameOf: (type) => type,
      offsetOf: ({ position }) => String(position),
      entityOf: () => null,
      familyOf: () => ({ parentTenantId: null, hasChildTenants: false }),
      detailsOf: () => ({}),
      health: {
        failing: () => {},
        recovered: () => {},
        mustDisable: (subscription, reason) => {
          if (process.isAlive) this.change(subscription.number, { status: 'disabled', disabledReason: reason })
        },
      },
      observe: () => {},
      caughtUp: () => {},
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
    for (const record of this.records.values()) process.webhooks.apply(record.number, record)
    process.webhooks.start()
  }

  /** As `kill -9`: what was asked for and not done yet is not done, what was done stays. */
  crash(): void {
    this.crashes += 1
    this.#process!.isAlive = false
  }

  async publish(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => this.#newEvent())
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
    const placed = process.webhooks.lanes.place(number, {
      ...{ mode: start === 'now' ? 'shared' : 'own', position: from },
      ...{ reason: 'start', isPartial: false, skips: null },
    })
    if (!(await this.#until(placed, process))) return false
    const record = { ...blankSubscription(number), ...options }
    this.records.set(number, record)
    this.facts.set(number, { number, from, isDeleted: false, isReplayed: false, leftOutUpTo: [] })
    this.#receivers.set(number, { failure: 0, slowMs: 1, deadUntilMs: 0 })
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
    this.facts.get(number)!.isDeleted = true
    this.webhooks.apply(number, null)
  }

  async rewind(number: number, position: number): Promise<void> {
    const process = this.#process!
    this.facts.get(number)!.isReplayed = true
    this.change(number, { replayedAt: new Date(this.clock.now()).toISOString() })
    await this.#until(
      process.webhooks.lanes.place(number, {
        ...{ mode: 'own', position, reason: 'rewind', isPartial: false, skips: null },
      }),
      process,
    )
  }

  async pauseCatchUp(number: number): Promise<void> {
    const process = this.#process!
    await this.#until(process.webhooks.lanes.pauseCatchUp(number), process)
  }

  async resumeCatchUp(number: number): Promise<void> {
    const process = this.#process!
    await this.#until(process.webhooks.lanes.resumeCatchUp(number), process)
  }

  async cancelCatchUp(number: number): Promise<void> {
    const process = this.#process!
    this.facts.get(number)!.leftOutUpTo.push(this.log.bounds(0).latest)
    await this.#until(process.webhooks.lanes.cancelCatchUp(number), process)
  }

  /** Of one that is disabled, as enabling from now does it. */
  async enableFromNow(number: number): Promise<void> {
    const process = this.#process!
    if (this.records.get(number)?.status !== 'disabled') return
    const position = this.log.bounds(0).latest
    this.facts.get(number)!.leftOutUpTo.push(position)
    const placed = process.webhooks.lanes.place(number, {
      ...{ mode: 'own', position, reason: 'enable', isPartial: false, skips: 'enabled_from_now' },
    })
    if (await this.#until(placed, process)) this.change(number, { status: 'active', disabledReason: null })
  }

  receiver(number: number): Receiver {
    return this.#receivers.get(number)!
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

  #sender(process: Process): Sender {
    return {
      send: (subscription, deliveries) =>
        new Promise<TransportResult>((resolve) => {
          const receiver = this.#receivers.get(subscription.number)!
          const latencyMs = this.random.between(0, receiver.slowMs)
          const arrivesMs = Math.floor(latencyMs / 2)
          this.clock.schedule(arrivesMs, () => {
            // What a killed process had not sent yet is never sent.
            if (!process.isAlive) return
            const isDead = this.clock.now() < receiver.deadUntilMs
            const isAccepted = !isDead && !this.random.chance(receiver.failure)
            for (const { event, deliveryId, sequence } of deliveries) {
              this.received.push({
                subscription: subscription.number,
                position: event.position,
                deliveryId,
                sequence,
                type: event.type,
                entity: `${event.type.split('.')[0]} ${event.entityKey}`,
                isAccepted,
                atMs: this.clock.now(),
              })
            }
            this.clock.schedule(latencyMs - arrivesMs, () => {
              if (!process.isAlive) return
              resolve({
                status: isDead ? null : isAccepted ? 200 : this.random.pick([500, 503, 429]),
                error: isDead ? 'connection_refused' : null,
                body: '',
                retryAfter: null,
                headers: {},
                durationMs: latencyMs,
                isCutShort: false,
              })
            })
          })
        }),
    }
  }

  /** Each call takes a moment; a crash before it was carried out undoes it, one after it only loses the answer. */
  #slow<T extends object>(target: T, process: Process, methods: readonly (keyof T)[]): T {
    const slow = new Set<PropertyKey>(methods as readonly PropertyKey[])
    return new Proxy(target, {
      get: (object, name) => {
        const value = Reflect.get(object, name, object)
        if (typeof value !== 'function') return value
        if (!slow.has(name)) return value.bind(object)
        return (...given: unknown[]) =>
          new Promise((resolve, reject) => {
            this.clock.schedule(this.random.between(0, 3), () => {
              if (!process.isAlive) return
              Promise.resolve(value.apply(object, given)).then((result) => {
                this.clock.schedule(this.random.between(0, 2), () => {
                  if (process.isAlive) resolve(result)
                })
              }, reject)
            })
          })
      },
    })
  }

  #newEvent(): NewEvent {
    this.#events += 1
    const type = this.random.pick(types)
    const entityKey = String(this.random.between(1, 4))
    return {
      topic: topics[type]!,
      tenantId: 1,
      type,
      entityKey,
      isQuiet: false,
      id: `e${this.#events}`,
      fingerprint: undefined,
      head: `"type":"${type}","timestamp":"2026-01-01T00:00:00.000Z","tenantId":1,"entityId":"${entityKey}"`,
      tail: `"id":"e${this.#events}"`,
    }
  }
}

const everything: Grants = {
  integrationsOf: () => ['int_1'],
  direct: () => ({ allows: () => true }),
  inherited: () => ({ allows: () => true }),
  lineage: (tenantId) => [tenantId],
}

function blankSubscription(number: number): Subscription {
  return {
    id: `sub_${number}`,
    number,
    integrationId: 'int_1',
    boundTenantId: null,
    dialect: 'standard',
    status: 'active',
    disabledReason: null,
    disabledAt: null,
    failingSince: null,
    types: ['*'],
    tenants: { kind: 'granted' },
    filter: null,
    fields: null,
    topicFloors: null,
    replayedAt: null,
    endpoint: {
      url: 'https://receiver.example/',
      headerNames: [],
      headers: null,
      auth: null,
      tls: null,
      timeoutSeconds: 15,
    },
    secrets: [],
    ordering: 'none',
    coalesce: 'none',
    batch: null,
    retryDelaysSeconds: null,
    concurrency: 4,
    ratePerSecond: null,
    description: null,
    settings: {},
    version: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  }
}
