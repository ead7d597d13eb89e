/** A token bucket: `ratePerSecond` on average, bursts up to `burst`. Plain data; time is passed in. */
export interface TokenBucket {
  tokens: number
  atMs: number
}

export interface BucketRate {
  readonly ratePerSecond: number
  readonly burst: number
}

export function fullBucket(rate: BucketRate, nowMs: number): TokenBucket {
  return { tokens: rate.burst, atMs: nowMs }
}

/** Takes one token if there is one. Returns 0 when taken, else the milliseconds until there will be one. */
export function takeToken(bucket: TokenBucket, rate: BucketRate, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (elapsedMs * rate.ratePerSecond) / 1_000)
  bucket.atMs = nowMs
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1
    return 0
  }
  return Math.max(1, Math.ceil(((1 - bucket.tokens) * 1_000) / rate.ratePerSecond))
}
