import type { WebhookPolicy } from '../dialect/dialect.ts'
import type { AttemptError } from './delivery.ts'
import { retryAfterMs } from './retry-after.ts'

/** The effect of an attempt on its delivery, and whether it disables the subscription. */
export type AttemptOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly error: AttemptError; readonly dueAtMs: number }
  | { readonly kind: 'failed'; readonly error: AttemptError; readonly disable: 'gone' | 'attempts_exhausted' | null }

export interface AttemptFacts {
  readonly status: number | null
  readonly error: AttemptError | null
  readonly retryAfter: string | null
  /** Attempts made for the delivery, this one included. */
  readonly attempts: number
  readonly nowMs: number
  /** From 0 up to 1. */
  readonly random: number
}

export function attemptOutcome(policy: WebhookPolicy, facts: AttemptFacts): AttemptOutcome {
  if (facts.error === null && facts.status !== null && isSuccess(policy, facts.status)) return { kind: 'delivered' }
  if (facts.error === null && facts.status === 410 && policy.disablesOnGone) {
    return { kind: 'failed', error: 'gone', disable: 'gone' }
  }
  const error: AttemptError = facts.error ?? `http_${facts.status ?? 0}`
  const delaySeconds = policy.retryDelaysSeconds[facts.attempts - 1]
  if (delaySeconds === undefined) {
    return { kind: 'failed', error, disable: policy.afterLastAttempt === 'disable' ? 'attempts_exhausted' : null }
  }
  const delayMs = delaySeconds * 1_000 * (1 + policy.jitter * facts.random)
  const askedMs = policy.honoursRetryAfter ? retryAfterMs(facts.retryAfter, facts.nowMs) : null
  return { kind: 'retry', error, dueAtMs: facts.nowMs + Math.round(Math.max(delayMs, askedMs ?? 0)) }
}

/**
 * Until when the endpoint asks to be left alone, all of it: `429` and `503` with `Retry-After`, its own or that of the
 * token endpoint without which it cannot be asked. Null: it does not, or the dialect's contract knows nothing of it.
 */
export function endpointHoldUntilMs(
  policy: WebhookPolicy,
  facts: Omit<AttemptFacts, 'attempts' | 'random'>,
): number | null {
  const { status, error, retryAfter, nowMs } = facts
  const isAsked = error === null ? status === 429 || status === 503 : error === 'http_429' || error === 'http_503'
  const askedMs = isAsked && policy.honoursRetryAfter ? retryAfterMs(retryAfter, nowMs) : null
  return askedMs === null ? null : nowMs + askedMs
}

function isSuccess(policy: WebhookPolicy, status: number): boolean {
  return policy.success === '2xx' ? status >= 200 && status <= 299 : policy.success.includes(status)
}
