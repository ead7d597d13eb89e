import type { WebhookPolicy } from '../../core/dialect/dialect.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/**
 * Retries "in a span of 30 hours", "disabled if the delivery fails constantly over a week", "a
 * successful delivery resets this counter" (the vendor's guide). The gaps are ours; their sum is 30 hours.
 */
export const tripletexPolicy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: [
    1 * minute,
    5 * minute,
    15 * minute,
    1 * hour,
    2 * hour,
    4 * hour,
    8 * hour,
    14 * hour + 39 * minute,
  ],
  jitter: 0.1,
  honoursRetryAfter: false,
  disablesOnGone: false,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: 7 * day * 1_000,
  retriesWhileDisabled: false,
}
