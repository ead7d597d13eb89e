import type { WebhookPolicy } from '../../core/dialect/dialect.ts'

const attempts = 25

/** 25 attempts in all, the gap before attempt n + 1 being `5 + n^4` seconds (contracts/fakturownia.md). */
export const fakturowniaPolicy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: Array.from({ length: attempts - 1 }, (_, index) => 5 + (index + 1) ** 4),
  jitter: 0,
  honoursRetryAfter: false,
  disablesOnGone: false,
  afterLastAttempt: 'disable',
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}
