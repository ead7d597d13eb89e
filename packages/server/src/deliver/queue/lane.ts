import { Queue } from '../../core/collection/queue.ts'
import { Signal } from '../../core/collection/signal.ts'
import type { WebhookPolicy } from '../../core/dialect/dialect.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import type { PendingDelivery } from './pending-delivery.ts'

/** Deliveries that wait in memory for a slot of one subscription. At the cap its reading stops (invariant 8). */
const freshCap = 128
const freshBytesCap = 4 * 1024 * 1024
const retriesCap = 128

/** Which deliveries of a lane may be attempted now, where their order matters. */
export interface Gate {
  mayBegin(delivery: PendingDelivery): boolean
  begun(delivery: PendingDelivery): void
}

/** The deliveries that one subscription has in memory, until an attempt is begun with them. */
export class Lane {
  /** Woken when there is room for fresh deliveries again, and when the lane is closed or its reading is stopped. */
  readonly room = new Signal()
  /** Woken when no attempt is under way any more. */
  readonly quiet = new Signal()
  #subscription: Subscription
  #policy: WebhookPolicy
  /** Null: any delivery may be attempted at any time. */
  #gate: Gate | null = null
  #isClosed = false
  #inFlight = 0
  #fresh = new Queue<PendingDelivery>()
  #freshBytes = 0
  #retries = new Queue<PendingDelivery>()
  #wasRetry = false

  constructor(subscription: Subscription, policy: WebhookPolicy) {
    this.#subscription = subscription
    this.#policy = policy
  }

  get subscription(): Subscription {
    return this.#subscription
  }

  get number(): number {
    return this.#subscription.number
  }

  get policy(): WebhookPolicy {
    return this.#policy
  }

  configure(subscription: Subscription, policy: WebhookPolicy): void {
    this.#subscription = subscription
    this.#policy = policy
  }

  setGate(gate: Gate | null): void {
    this.#gate = gate
  }

  /** Its subscription is gone: nothing is attempted any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#isClosed = true
    this.room.wake()
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#inFlight
  }

  get hasRoom(): boolean {
    return this.#fresh.size < freshCap && this.#freshBytes < freshBytesCap
  }

  /** How many retries there is room for. */
  get retryRoom(): number {
    return retriesCap - this.#retries.size
  }

  get queued(): number {
    return this.#fresh.size + this.#retries.size
  }

  push(delivery: PendingDelivery): void {
    if (delivery.origin === 'retry') {
      this.#retries.push(delivery)
      return
    }
    this.#fresh.push(delivery)
    this.#freshBytes += bytesOf(delivery)
  }

  /** Forgets the fresh deliveries that no attempt was begun for. */
  dropFresh(): PendingDelivery[] {
    this.#freshBytes = 0
    return this.#fresh.drain()
  }

  dropRetries(): PendingDelivery[] {
    return this.#retries.drain()
  }

  /** From when on there are deliveries for an attempt, a batch that gathers included; null: there are none. */
  readyAtMs(nowMs: number): number | null {
    if (this.#isClosed || !this.#hasTakeable()) return null
    const { batch } = this.#subscription
    const oldest = this.#fresh.peek()
    if (!batch || !oldest || this.#retries.size > 0 || this.#fresh.size >= batch.maxEvents) return nowMs
    // The clock was set back: it would gather until the clock comes round again.
    if (oldest.offeredAtMs > nowMs) return nowMs
    return Math.max(nowMs, oldest.offeredAtMs + batch.maxWaitMs)
  }

  /** The deliveries of the next attempt, which is under way until `release`; undefined: there are none. */
  take(): readonly [PendingDelivery, ...PendingDelivery[]] | undefined {
    const first = this.#next()
    if (!first) return undefined
    const deliveries: [PendingDelivery, ...PendingDelivery[]] = [first]
    const { batch } = this.#subscription
    if (batch && first.origin === 'loop') {
      while (deliveries.length < batch.maxEvents) {
        const next = this.#takeFrom(this.#fresh)
        if (!next) break
        deliveries.push(next)
      }
    }
    this.#inFlight += 1
    return deliveries
  }

  release(): void {
    this.#inFlight -= 1
    if (this.#inFlight === 0) this.quiet.wake()
    if (this.hasRoom) this.room.wake()
  }

  /** Takes a queued retry back, if it is not under way. */
  dropRetry(position: number): void {
    this.#retries.takeFirst((delivery) => delivery.event.position === position)
  }

  /** Queued fresh deliveries that fit, taken out of the queue. */
  takeQueued(fits: (delivery: PendingDelivery) => boolean): PendingDelivery[] {
    const taken: PendingDelivery[] = []
    for (;;) {
      const delivery = this.#fresh.takeFirst(fits)
      if (!delivery) return taken
      this.#freshBytes -= bytesOf(delivery)
      taken.push(delivery)
    }
  }

  /** Whether a fresh delivery that fits is queued. */
  hasQueued(fits: (delivery: PendingDelivery) => boolean): boolean {
    for (const delivery of this.#fresh) if (fits(delivery)) return true
    return false
  }

  #hasTakeable(): boolean {
    const gate = this.#gate
    if (!gate) return this.queued > 0
    for (const delivery of this.#retries) if (gate.mayBegin(delivery)) return true
    return this.hasQueued((delivery) => gate.mayBegin(delivery))
  }

  /** Retries and first attempts take turns, so that neither crowds the other out. */
  #next(): PendingDelivery | undefined {
    const prefersRetry = !this.#wasRetry || this.#fresh.size === 0
    const [first, second] = prefersRetry ? [this.#retries, this.#fresh] : [this.#fresh, this.#retries]
    const delivery = this.#takeFrom(first) ?? this.#takeFrom(second)
    this.#wasRetry = delivery?.origin === 'retry'
    return delivery
  }

  #takeFrom(queue: Queue<PendingDelivery>): PendingDelivery | undefined {
    const gate = this.#gate
    const delivery = gate ? queue.takeFirst((other) => gate.mayBegin(other)) : queue.shift()
    if (!delivery) return undefined
    if (queue === this.#fresh) this.#freshBytes -= bytesOf(delivery)
    gate?.begun(delivery)
    return delivery
  }
}

function bytesOf(delivery: PendingDelivery): number {
  return delivery.event.head.length + delivery.event.tail.length
}
