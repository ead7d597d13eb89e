import type { WebhookDialect, WebhookPolicy } from '../../packages/server/src/core/dialect/dialect.ts'

/** Retries go on for weeks, so that in a world that heals nothing is given up. */
const policy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: [1, 5, 30, 300, ...Array.from({ length: 400 }, () => 3_600)],
  jitter: 0.1,
  honoursRetryAfter: true,
  disablesOnGone: true,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}

export const neverGivesUp: WebhookDialect = {
  policy,
  encode: () => ({ method: 'POST', url: 'https://receiver.example/', headers: [], body: '' }),
  allowsBatch: true,
  carriesEntity: false,
}
