import { networkOf } from '../core/address/client-address.ts'
import { AppError } from '../core/errors.ts'
import { RateLimit } from '../core/limit/rate-limit.ts'

/**
 * Slows down those who try out keys. It is asked only once a key has turned out to be wrong, so that
 * right keys from the same address go on: many integrators can stand behind one.
 */
export class WrongKeyLimit {
  readonly perMinute: number
  readonly #limit: RateLimit

  constructor(perMinute = 20) {
    this.perMinute = perMinute
    this.#limit = new RateLimit({ ratePerSecond: perMinute / 60, burst: perMinute })
  }

  /** Whether a wrong key from this address would be refused with `rate_limited`. Counts nothing. */
  isReached(address: string, nowMs: number): boolean {
    return this.#limit.left(networkOf(address), nowMs) < 1
  }

  /** The refusal that a wrong key from this address gets now. */
  refusal(address: string, nowMs: number): AppError {
    const seconds = this.#limit.take(networkOf(address), nowMs)
    if (seconds === 0)
      return new AppError('unauthorized', 'A valid key is needed. Send it as `Authorization: Bearer <key>`.')
    return new AppError(
      'rate_limited',
      'Too many wrong keys came from this address. Wait as many seconds as `Retry-After` says.',
      {
        retryAfterSeconds: seconds,
      },
    )
  }
}
