import type { WebhookPolicy } from '../../core/dialect/dialect.ts'

/** contracts/moneybird.md, "Delivery": `n^4 + 15` seconds before retry n, counted from 0; 4.3 hours in all. */
const retryDelaysSeconds = Array.from({ length: 10 }, (_, n) => n ** 4 + 15)

export const moneybirdPolicy: WebhookPolicy = {
  success: [200],
  retryDelaysSeconds,
  jitter: 0.1,
  honoursRetryAfter: false,
  disablesOnGone: false,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: null,
  retriesWhileDisabled: true,
}
