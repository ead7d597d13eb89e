import type { Standing } from '../../core/delivery/standing.ts'
import type { WebhookPolicy } from '../../core/dialect/dialect.ts'
import { type BucketRate, fullBucket, type TokenBucket, takeToken } from '../../core/limit/token-bucket.ts'
import type { Subscription } from '../../core/registry/registry.ts'
import { type Breaker, closedBreaker } from './breaker.ts'
import { type Allowance, newAllowance } from './concurrency.ts'

/** Whoever has deliveries for an endpoint and waits for its turn. */
export interface Contender {
  readonly subscription: Subscription
  readonly policy: WebhookPolicy
  /** Attempts of it that are under way. */
  readonly inFlight: number
  /** From when on it has deliveries for an attempt, in epoch milliseconds; null: it has none. */
  readyAtMs(nowMs: number): number | null
}

/** What one contender is granted, by how its attempts have ended. */
export class Entrant<T extends Contender = Contender> {
  readonly contender: T
  breaker: Breaker = closedBreaker
  /** Its endpoint has accepted something in this run. */
  hasSucceeded = false
  /** Since when every attempt of this run has failed, in epoch milliseconds; null: the last one did not. */
  failingSinceMs: number | null = null
  /** Wakes it when it may begin later; null: nothing is planned. */
  alarm: { readonly atMs: number; readonly cancel: () => void } | null = null
  #allowance: Allowance
  #bucket: { readonly ratePerSecond: number; readonly tokens: TokenBucket } | null = null

  constructor(contender: T) {
    this.contender = contender
    this.#allowance = newAllowance(contender.subscription.concurrency)
  }

  get subscription(): Subscription {
    return this.contender.subscription
  }

  get standing(): Standing {
    const { breaker, subscription } = this
    if (breaker.state !== 'closed' || breaker.failures > 0 || subscription.failingSince !== null) return 'suspect'
    return this.hasSucceeded ? 'proven' : 'unknown'
  }

  /** How many attempts it may have under way. A new limit of its subscription starts over. */
  get allowance(): Allowance {
    const { concurrency } = this.subscription
    if (concurrency !== this.#allowance.limit) this.#allowance = newAllowance(concurrency)
    return this.#allowance
  }

  set allowance(allowance: Allowance) {
    this.#allowance = allowance
  }

  /** Takes a token of its rate; else the milliseconds until there will be one. */
  takeRateToken(nowMs: number): number {
    const { ratePerSecond } = this.subscription
    if (ratePerSecond === null) return 0
    const rate: BucketRate = { ratePerSecond, burst: Math.max(1, Math.floor(ratePerSecond / 10)) }
    if (this.#bucket?.ratePerSecond !== ratePerSecond) {
      this.#bucket = { ratePerSecond, tokens: fullBucket(rate, nowMs) }
    }
    return takeToken(this.#bucket.tokens, rate, nowMs)
  }
}
