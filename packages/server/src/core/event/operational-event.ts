import type { TenantId } from '../ids/tenant-id.ts'
import { jsonText } from '../json/json-text.ts'
import type { Subscription } from '../registry/registry.ts'
import { formatRfc3339 } from '../time/time.ts'
import type { NewEvent, StoredEvent } from './event.ts'

/** The topic of what Tidings itself has to tell. */
export const operationalTopic = 'tidings'

export const operationalTypes = [
  'subscription.failing',
  'subscription.recovered',
  'subscription.disabled',
  'subscription.caught-up',
  'subscription.lagging',
  'subscription.ungranted',
  'access-token.expiring',
] as const
export type OperationalType = (typeof operationalTypes)[number]

const known: ReadonlySet<string> = new Set(operationalTypes)

/** Operational events are published by Tidings alone, and `*` does not ask for them: they are named to be had. */
export function isOperational(type: string): boolean {
  return known.has(type)
}

/** Whose it is: the integration that the event is about. */
export function integrationOf(event: Pick<StoredEvent, 'entityKey'>): string {
  return event.entityKey.slice(0, event.entityKey.indexOf(' '))
}

export interface OperationalFacts {
  readonly type: OperationalType
  readonly integrationId: string
  /** Whose token made the subscription; 0: it is the whole integration's. */
  readonly tenantId: TenantId
  /** The subscription's or the access token's id. */
  readonly entityId: string
  readonly data: Readonly<Record<string, string | TenantId | null>>
  /** The same for what is to be said once within the retention. */
  readonly id: string
  readonly nowMs: number
}

export function operationalEvent(facts: OperationalFacts): NewEvent {
  const { type, integrationId, tenantId, entityId, nowMs, id } = facts
  const data = jsonText({ integrationId, ...facts.data })
  return {
    topic: operationalTopic,
    tenantId,
    type,
    entityKey: `${integrationId} ${entityId}`,
    isQuiet: false,
    id,
    // A repetition under the same id is the same event, whenever it comes.
    fingerprint: '0000000000000000',
    head: `"type":"${type}","timestamp":"${formatRfc3339(nowMs)}","tenantId":${tenantId},"entityId":${JSON.stringify(entityId)}`,
    tail: `"id":${JSON.stringify(id)},"data":${data}`,
  }
}

export function subscriptionFacts(
  subscription: Subscription,
): Pick<OperationalFacts, 'integrationId' | 'tenantId' | 'entityId'> {
  return {
    integrationId: subscription.integrationId,
    tenantId: subscription.boundTenantId ?? 0,
    entityId: subscription.id,
  }
}
