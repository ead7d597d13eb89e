import { type DeliveryStatus, deliveryStatuses } from '../core/delivery/delivery.ts'
import { compilePatterns, isEventPattern } from '../core/event/event-type-pattern.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { DeliverySearchAmong } from '../deliver/delivery-search.ts'
import { badQuery, timeIn } from './reading.ts'

/** Which deliveries are meant, as it was asked. */
export interface DeliveryFilter {
  readonly status?: string | undefined
  readonly types?: readonly string[] | undefined
  readonly tenants?: readonly TenantId[] | undefined
  readonly entity?: string | undefined
  readonly error?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** @throws AppError `malformed_request` */
export function searchOf(subscriptions: readonly Subscription[], asked: DeliveryFilter): DeliverySearchAmong {
  if (asked.types?.some((pattern) => !isEventPattern(pattern)))
    throw badQuery('types', 'Give event patterns, as `invoice.*`.')
  return {
    subscriptions: subscriptions.map(({ number }) => number),
    statuses: statusesOf(asked.status),
    wantsType: asked.types ? compilePatterns(asked.types) : null,
    tenants: asked.tenants ? new Set(asked.tenants) : null,
    entityKey: asked.entity ?? null,
    error: asked.error ?? null,
    sinceMs: timeIn('since', asked.since) ?? Number.NEGATIVE_INFINITY,
    untilMs: timeIn('until', asked.until) ?? Number.POSITIVE_INFINITY,
  }
}

function statusesOf(text: string | undefined): ReadonlySet<DeliveryStatus> | null {
  if (text === undefined) return null
  if (text === 'undelivered') return new Set(['waiting', 'failed'])
  const status = deliveryStatuses.find((known) => known === text)
  if (!status) throw badQuery('status', `The status is one of ${deliveryStatuses.join(', ')} or undelivered.`)
  return new Set([status])
}
