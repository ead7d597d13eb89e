import { type BucketRate, fullBucket, type TokenBucket, takeToken } from '../core/limit/token-bucket.ts'
import { crowdedRetrySeconds, type OpenStreams } from './open-streams.ts'

export interface AdmissionLimits {
  /** Handshakes of one address: whoever connects and leaves in a loop pays with waiting, not we with sockets. */
  readonly handshakesPerAddress: BucketRate
  /** Of all addresses together. */
  readonly handshakes: BucketRate
}

export type Admitted =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly reason: string; readonly retryAfterSeconds: number }

/** Says who may open a connection: a place for it has to be free, and not too many may come at once. */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #streams: OpenStreams
  readonly #rates = new Map<string, TokenBucket>()
  #rate: TokenBucket | undefined

  constructor(limits: AdmissionLimits, streams: OpenStreams) {
    this.#limits = limits
    this.#streams = streams
  }

  /** Every `admitted` is given back with one `leave` of the open streams. */
  enter(address: string, nowMs: number): Admitted {
    const { handshakesPerAddress, handshakes } = this.#limits
    if (this.#streams.isFull(address)) {
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
    this.#streams.enter(address)
    return { kind: 'admitted' }
  }

  /** Forgets addresses that have rested long enough to be as good as new. */
  sweep(nowMs: number): void {
    const { ratePerSecond, burst } = this.#limits.handshakesPerAddress
    for (const [address, { atMs }] of this.#rates) {
      if ((nowMs - atMs) * ratePerSecond >= burst * 1_000) this.#rates.delete(address)
    }
  }
}
