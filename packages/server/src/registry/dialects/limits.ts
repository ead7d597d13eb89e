import type { RateLimit, RateUse } from '../../core/limit/rate-limit.ts'
import type { Clock } from '../../core/time/clock.ts'
import type { WrongKeyLimit } from '../wrong-key-limit.ts'

/** The limits of the native interface, counted for requests of dialects as well. */
export class RequestLimits {
  readonly wrongCredentialsPerMinute: number
  readonly #wrongKeys: WrongKeyLimit
  readonly #requests: RateLimit
  readonly #clock: Pick<Clock, 'now'>

  constructor(wrongKeys: WrongKeyLimit, requests: RateLimit, clock: Pick<Clock, 'now'>) {
    this.wrongCredentialsPerMinute = wrongKeys.perMinute
    this.#wrongKeys = wrongKeys
    this.#requests = requests
    this.#clock = clock
  }

  /** @throws AppError `rate_limited`. Any other refusal is the dialect's own. */
  wrongCredential(address: string): void {
    const refusal = this.#wrongKeys.refusal(address, this.#clock.now())
    if (refusal.code === 'rate_limited') throw refusal
  }

  useRequest(integrationId: string): RateUse {
    return this.#requests.use(integrationId, this.#clock.now())
  }
}
