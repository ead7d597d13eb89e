import { type BucketRate, fullBucket, type TokenBucket, takeToken } from './token-bucket.ts'

/** One use of a rate, and what is left of it. */
export interface RateUse {
  /** 0: it is within the rate; else the seconds until the next one will be. */
  readonly waitSeconds: number
  /** Uses at once, at most. */
  readonly limit: number
  readonly remaining: number
  /** Until all of the limit is there again. */
  readonly resetSeconds: number
}

/** A rate for each of many keys. Memory is bounded: the key that was used longest ago is forgotten first. */
export class RateLimit {
  readonly #rate: BucketRate
  readonly #mostKeys: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rate: BucketRate, mostKeys = 10_000) {
    this.#rate = rate
    this.#mostKeys = mostKeys
  }

  /** Counts one use. Returns 0 when it is within the rate, else the seconds until the next one will be. */
  take(key: string, nowMs: number): number {
    return this.use(key, nowMs).waitSeconds
  }

  /** How many uses would be within the rate now. Counts none. */
  left(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key)
    const { burst, ratePerSecond } = this.#rate
    if (!bucket) return burst
    return Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * ratePerSecond) / 1_000)
  }

  /** Counts one use, for those who are told how much is left. */
  use(key: string, nowMs: number): RateUse {
    const bucket = this.#buckets.get(key) ?? fullBucket(this.#rate, nowMs)
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#mostKeys) this.#buckets.delete(this.#buckets.keys().next().value!)
    const waitSeconds = Math.ceil(takeToken(bucket, this.#rate, nowMs) / 1_000)
    const { burst, ratePerSecond } = this.#rate
    return {
      waitSeconds,
      limit: burst,
      remaining: Math.floor(bucket.tokens),
      resetSeconds: Math.ceil((burst - bucket.tokens) / ratePerSecond),
    }
  }
}
