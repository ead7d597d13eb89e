import type { RateUse } from '../../core/limit/rate-limit.ts'

/** How much may be asked, whatever interface it is asked of: natively the same limits count. */
export interface RequestLimits {
  /** How many wrong credentials an address may give in a minute. */
  readonly wrongCredentialsPerMinute: number
  /** Counts a wrong credential. @throws AppError `rate_limited` when its address gave too many */
  wrongCredential(address: string): void
  /** Counts a request of the integration. */
  useRequest(integrationId: string): RateUse
}
