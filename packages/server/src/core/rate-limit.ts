import { type BucketRate, fullBucket, type TokenBucket, takeToken } from './token-bucket.ts'

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
    const bucket = this.#buckets.get(key) ?? fullBucket(this.#rate, nowMs)
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > this.#mostKeys) this.#buckets.delete(this.#buckets.keys().next().value!)
    return Math.ceil(takeToken(bucket, this.#rate, nowMs) / 1_000)
  }
}
