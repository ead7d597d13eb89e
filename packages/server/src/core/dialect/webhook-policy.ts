import type { Subscription } from '../registry/registry.ts'
import type { WebhookPolicy } from './dialect.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/** Tidings' own policy, with the schedule of Standard Webhooks 1.0 ("Deliverability and reliability"). */
export const defaultWebhookPolicy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: [5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
  jitter: 0.1,
  honoursRetryAfter: true,
  disablesOnGone: true,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: 5 * day * 1_000,
  retriesWhileDisabled: false,
}

/** The policy with the subscription's own delays, where it has some: exactly those, without jitter. */
export function withOwnDelays(policy: WebhookPolicy, subscription: Subscription): WebhookPolicy {
  const { retryDelaysSeconds } = subscription
  return retryDelaysSeconds === null ? policy : { ...policy, retryDelaysSeconds, jitter: 0 }
}
