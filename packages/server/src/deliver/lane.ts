import { Queue } from '../core/collection/queue.ts'
import { Signal } from '../core/collection/signal.ts'
import type { WebhookPolicy } from '../core/dialect/dialect.ts'
import { type BucketRate, fullBucket, type TokenBucket, takeToken } from '../core/limit/token-bucket.ts'
import type { Subscription } from '../core/registry/registry.ts'
import { EntityLedger } from './entities/entity-ledger.ts'
import { entityOf } from './entities/entity-order.ts'
import type { PendingDelivery } from './pending-delivery.ts'
import { atTime, type Breaker, closedBreaker } from './turns/breaker.ts'
import { type Allowance, newAllowance } from './turns/concurrency.ts'

/** Deliveries that wait in memory for a slot of one subscription. At the cap its reading stops (invariant 8). */
const freshCap = 128
const freshBytesCap = 4 * 1024 * 1024
const retriesCap = 128

export type Take =
  | { readonly kind: 'take'; readonly deliveries: readonly [PendingDelivery, ...PendingDelivery[]] }
  | { readonly kind: 'later'; readonly atMs: number }
  | { readonly kind: 'nothing' }

/** What one subscription has in memory: its deliveries to make, and what its endpoint is granted. */
export class Lane {
  subscription: Subscription
  policy: WebhookPolicy
  breaker: Breaker = closedBreaker
  allowance: Allowance
  /** Its endpoint asked for nothing to be sent before; 0: it is not held. */
  heldUntilMs = 0
  inFlight = 0
  /** Its endpoint has accepted something in this run. */
  hasSucceeded = false
  isRemoved = false
  /** Its ledger is being read from the store; nothing is attempted meanwhile. */
  isLoading = false
  /** Null unless the subscription orders or coalesces by entity. */
  ledger: EntityLedger | null
  /** Woken when there is room for fresh deliveries again, and when the lane is removed or stopped. */
  readonly room = new Signal()
  /** Woken when no attempt is under way any more. */
  readonly quiet = new Signal()
  #fresh = new Queue<PendingDelivery>()
  #freshBytes = 0
  #retries = new Queue<PendingDelivery>()
  #bucket: TokenBucket | null = null
  #wasRetry = false

  constructor(subscription: Subscription, policy: WebhookPolicy) {
    this.subscription = subscription
    this.policy = policy
    this.allowance = newAllowance(subscription.concurrency)
    this.ledger = needsLedger(subscription) ? new EntityLedger() : null
  }

  get isOrdered(): boolean {
    return this.subscription.ordering === 'entity'
  }

  get isCoalescing(): boolean {
    return this.subscription.coalesce === 'latest'
  }

  configure(subscription: Subscription, policy: WebhookPolicy): void {
    if (subscription.concurrency !== this.subscription.concurrency) {
      this.allowance = newAllowance(subscription.concurrency)
    }
    if (subscription.ratePerSecond !== this.subscription.ratePerSecond) this.#bucket = null
    this.subscription = subscription
    this.policy = policy
    if (!needsLedger(subscription)) this.ledger = null
    else this.ledger ??= new EntityLedger()
  }

  get hasRoom(): boolean {
    return this.#fresh.size < freshCap && this.#freshBytes < freshBytesCap
  }

  get retryRoom(): number {
    return retriesCap - this.#retries.size
  }

  get queued(): number {
    return this.#fresh.size + this.#retries.size
  }

  offer(delivery: PendingDelivery): void {
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

  /** The deliveries of the next attempt, if one may begin now. A taken delivery occupies a slot until `release`. */
  take(nowMs: number): Take {
    if (this.queued === 0 || this.isLoading) return { kind: 'nothing' }
    if (nowMs < this.heldUntilMs) return { kind: 'later', atMs: this.heldUntilMs }
    this.breaker = atTime(this.breaker, nowMs)
    if (this.breaker.state === 'open') return { kind: 'later', atMs: this.breaker.untilMs }
    const allowed = this.breaker.state === 'half-open' ? 1 : this.allowance.allowed
    if (this.inFlight >= allowed) return { kind: 'nothing' }

    const batch = this.subscription.batch
    const oldest = this.#fresh.peek()
    if (batch && oldest && this.#retries.size === 0 && this.#fresh.size < batch.maxEvents) {
      const atMs = oldest.offeredAtMs + batch.maxWaitMs
      if (nowMs < atMs) return { kind: 'later', atMs }
    }
    const waitMs = this.#takeRateToken(nowMs)
    if (waitMs > 0) return { kind: 'later', atMs: nowMs + waitMs }
    const first = this.#next()
    if (!first) {
      this.#returnRateToken()
      return { kind: 'nothing' }
    }
    const deliveries: [PendingDelivery, ...PendingDelivery[]] = [first]
    if (batch && first.origin === 'loop') {
      while (deliveries.length < batch.maxEvents) {
        const next = this.#takeFresh()
        if (!next) break
        deliveries.push(next)
      }
    }
    this.inFlight += 1
    return { kind: 'take', deliveries }
  }

  release(): void {
    this.inFlight -= 1
    if (this.inFlight === 0) this.quiet.wake()
  }

  /** Retries and first attempts take turns, so that neither crowds the other out. */
  #next(): PendingDelivery | undefined {
    const prefersRetry = !this.#wasRetry || this.#fresh.size === 0
    const delivery = prefersRetry ? (this.#takeRetry() ?? this.#takeFresh()) : (this.#takeFresh() ?? this.#takeRetry())
    this.#wasRetry = delivery?.origin === 'retry'
    return delivery
  }

  /** Takes a queued retry back, if it is not under way. */
  dropRetry(position: number): void {
    this.#retries.takeFirst((delivery) => delivery.event.position === position)
  }

  /** Queued fresh deliveries of an entity, taken out of the queue. */
  takeQueuedOf(entity: string, fits: (delivery: PendingDelivery) => boolean): PendingDelivery[] {
    const taken: PendingDelivery[] = []
    for (;;) {
      const delivery = this.#fresh.takeFirst((other) => entityOf(other.event) === entity && fits(other))
      if (!delivery) return taken
      this.#freshBytes -= bytesOf(delivery)
      taken.push(delivery)
    }
  }

  /** Whether a newer fresh delivery of the entity is queued. */
  hasQueuedAfter(entity: string, position: number): boolean {
    for (const { event } of this.#fresh) if (event.position > position && entityOf(event) === entity) return true
    return false
  }

  #takeRetry(): PendingDelivery | undefined {
    const { ledger } = this
    if (!ledger || !this.isOrdered) return this.#begun(this.#retries.shift())
    return this.#begun(this.#retries.takeFirst((other) => !ledger.isUnderWay(entityOf(other.event))))
  }

  #takeFresh(): PendingDelivery | undefined {
    const { ledger } = this
    const delivery =
      ledger && this.isOrdered
        ? this.#fresh.takeFirst((other) => !ledger.isUnderWay(entityOf(other.event)))
        : this.#fresh.shift()
    if (delivery) this.#freshBytes -= bytesOf(delivery)
    return this.#begun(delivery)
  }

  #begun(delivery: PendingDelivery | undefined): PendingDelivery | undefined {
    if (delivery) this.ledger?.begin(entityOf(delivery.event))
    return delivery
  }

  #rate(): BucketRate | null {
    const ratePerSecond = this.subscription.ratePerSecond
    return ratePerSecond === null ? null : { ratePerSecond, burst: Math.max(1, Math.floor(ratePerSecond / 10)) }
  }

  #takeRateToken(nowMs: number): number {
    const rate = this.#rate()
    if (!rate) return 0
    this.#bucket ??= fullBucket(rate, nowMs)
    return takeToken(this.#bucket, rate, nowMs)
  }

  #returnRateToken(): void {
    if (this.#bucket) this.#bucket.tokens += 1
  }
}

function needsLedger(subscription: Subscription): boolean {
  return subscription.ordering === 'entity' || subscription.coalesce === 'latest'
}

function bytesOf(delivery: PendingDelivery): number {
  return delivery.event.head.length + delivery.event.tail.length
}
