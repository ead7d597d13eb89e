import type { TenantId } from '../../core/ids/tenant-id.ts'
import type { DialectRecord, SigningSecret, Subscription } from '../../core/registry/registry.ts'
import type { Secrets } from '../contract/secrets.ts'
import { type RetryPolicy, retryPolicyOf } from './policy.ts'

/** Where an application's notifications go; several subscriptions share it. */
export interface Target {
  readonly url: string
  readonly retryPolicy: RetryPolicy
  /** Limits it to one customer or company; null: every one that granted the application. */
  readonly tenantId: TenantId | null
  /** Sealed for the target's own record; the current one first. */
  readonly secrets: readonly SigningSecret[]
}

const mostSecrets = 4

export function targetOf({ value }: DialectRecord): Target {
  return value as unknown as Target
}

export function withTarget(record: DialectRecord, target: Target, nowText: string): DialectRecord {
  return { ...record, value: { ...target }, updatedAt: nowText }
}

/** A target as it is shown: its signature key never. */
export function targetView(record: DialectRecord) {
  const { url, retryPolicy, tenantId } = targetOf(record)
  const { id, createdAt, updatedAt } = record
  return { id, url, retryPolicy: retryPolicyOf({ retryPolicy }), tenantId, createdAt, updatedAt }
}

/** The former keys sign on until the overlap ends, none longer than it already had. */
export function rotated(target: Target, next: SigningSecret, nowMs: number, overlapSeconds: number): Target {
  const untilMs = nowMs + overlapSeconds * 1_000
  const former = target.secrets
    .map((secret) => ({ secret, endMs: Math.min(untilMs, secret.expiresAt ? Date.parse(secret.expiresAt) : untilMs) }))
    .filter(({ endMs }) => endMs > nowMs)
    .map(({ secret, endMs }): SigningSecret => ({ ...secret, expiresAt: new Date(endMs).toISOString() }))
  return { ...target, secrets: [next, ...former].slice(0, mostSecrets) }
}

/** What a subscription takes over from its target: the sender reads subscriptions alone. */
export function copied(
  record: DialectRecord,
  subscriptionId: string,
  kept: Secrets,
): Pick<Subscription, 'secrets' | 'settings'> & { readonly url: string } {
  const { url, retryPolicy, secrets } = targetOf(record)
  return {
    url,
    secrets: secrets.map((secret) => ({
      ...secret,
      sealed: kept.seal(kept.unseal(secret.sealed, record.id), subscriptionId),
    })),
    settings: { targetId: record.id, retryPolicy },
  }
}

/** The subscription as its target is now. */
export function following(
  subscription: Subscription,
  record: DialectRecord,
  kept: Secrets,
  nowText: string,
): Subscription {
  const { url, secrets, settings } = copied(record, subscription.id, kept)
  return {
    ...subscription,
    endpoint: { ...subscription.endpoint, url },
    secrets,
    settings: { ...subscription.settings, ...settings },
    version: subscription.version + 1,
    updatedAt: nowText,
  }
}

export function targetIdOf({ settings }: Pick<Subscription, 'settings'>): string | null {
  return typeof settings.targetId === 'string' ? settings.targetId : null
}
