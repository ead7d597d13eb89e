import type { WebhookPolicy } from '../../core/dialect/dialect.ts'
import { withOwnDelays } from '../../core/dialect/webhook-policy.ts'
import type { Subscription } from '../../core/registry/registry.ts'

export const retryKinds = ['exponential', 'linear', 'fixed', 'none'] as const

/** How a target retries. */
export interface RetryPolicy {
  readonly kind: (typeof retryKinds)[number]
  /** Retries after the first try. */
  readonly attempts: number
  readonly intervalSeconds: number
}

export const defaultRetryPolicy: RetryPolicy = { kind: 'exponential', attempts: 10, intervalSeconds: 30 }

/** Two retries are at most 12 hours apart; 40 of them end before the event leaves the log. */
export const mostRetries = 40
export const longestDelaySeconds = 43_200

/** Any 2xx is success; after the last retry the delivery is kept as failed (contracts/visma-business-nxt.md). */
export const nxtPolicy: WebhookPolicy = {
  success: '2xx',
  retryDelaysSeconds: delaysOf(defaultRetryPolicy),
  jitter: 0,
  honoursRetryAfter: false,
  disablesOnGone: false,
  afterLastAttempt: 'keep',
  disableAfterFailingMs: null,
  retriesWhileDisabled: false,
}

export function nxtPolicyOf(subscription: Subscription): WebhookPolicy {
  const delays = delaysOf(retryPolicyOf(subscription.settings))
  return withOwnDelays({ ...nxtPolicy, retryDelaysSeconds: delays }, subscription)
}

/** Seconds before each retry. */
export function delaysOf({ kind, attempts, intervalSeconds }: RetryPolicy): readonly number[] {
  if (kind === 'none') return []
  return Array.from({ length: attempts }, (_, index) =>
    Math.min(intervalSeconds * factorOf(kind, index), longestDelaySeconds),
  )
}

function factorOf(kind: Exclude<RetryPolicy['kind'], 'none'>, index: number): number {
  switch (kind) {
    case 'exponential':
      return 2 ** index
    case 'linear':
      return index + 1
    case 'fixed':
      return 1
    default:
      return kind satisfies never
  }
}

/** A policy as it is stored or given. Members that it does not name are those of `base`. */
export function retryPolicyOf(
  settings: Readonly<Record<string, unknown>>,
  base: RetryPolicy = defaultRetryPolicy,
): RetryPolicy {
  return { ...base, ...(settings.retryPolicy as Partial<RetryPolicy> | undefined) }
}
