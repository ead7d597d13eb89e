import { type BucketRate, fullBucket, type TokenBucket, takeToken } from '../core/token-bucket.ts'

export interface AdmissionLimits {
  readonly connectionsPerAddress: number
  readonly connectionsPerIntegration: number
  /** Handshakes of one address: whoever connects and leaves in a loop pays with waiting, not we with sockets. */
  readonly handshakesPerAddress: BucketRate
  /** Of all addresses together. */
  readonly handshakes: BucketRate
}

export type Admitted =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly reason: string; readonly retryAfterSeconds: number }

const crowdedRetrySeconds = 30

/** Counts who is connected from where and for whom, and says who may come in. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #addresses = new Map<string, number>()
  readonly #integrations = new Map<string, number>()
  readonly #rates = new Map<string, TokenBucket>()
  #rate: TokenBucket | undefined

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Every `admitted` is given back with one `leave`. */
  enter(address: string, nowMs: number): Admitted {
    const { connectionsPerAddress, handshakesPerAddress, handshakes } = this.#limits
    const count = this.#addresses.get(address) ?? 0
    if (count >= connectionsPerAddress) {
      return {
        kind: 'refused',
        reason: 'Too many connections from this address.',
        retryAfterSeconds: crowdedRetrySeconds,
      }
    }
    this.#rate ??= fullBucket(handshakes, nowMs)
    const rate = this.#rates.get(address) ?? fullBucket(handshakesPerAddress, nowMs)
    this.#rates.set(address, rate)
    const waitMs = takeToken(rate, handshakesPerAddress, nowMs) || takeToken(this.#rate, handshakes, nowMs)
    if (waitMs > 0) {
      return { kind: 'refused', reason: 'Too many new connections.', retryAfterSeconds: Math.ceil(waitMs / 1_000) }
    }
    this.#addresses.set(address, count + 1)
    return { kind: 'admitted' }
  }

  leave(address: string): void {
    lower(this.#addresses, address)
  }

  /** False when the integration has as many connections as it may have. Else given back with one `release`. */
  claim(integrationId: string): boolean {
    const count = this.#integrations.get(integrationId) ?? 0
    if (count >= this.#limits.connectionsPerIntegration) return false
    this.#integrations.set(integrationId, count + 1)
    return true
  }

  release(integrationId: string): void {
    lower(this.#integrations, integrationId)
  }

  /** Forgets addresses that have rested long enough to be as good as new. */
  sweep(nowMs: number): void {
    const { ratePerSecond, burst } = this.#limits.handshakesPerAddress
    for (const [address, { atMs }] of this.#rates) {
      if ((nowMs - atMs) * ratePerSecond >= burst * 1_000) this.#rates.delete(address)
    }
  }
}

function lower(counts: Map<string, number>, key: string): void {
  const count = counts.get(key) ?? 0
  if (count > 1) counts.set(key, count - 1)
  else counts.delete(key)
}
