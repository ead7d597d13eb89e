import type { StoredEvent } from '../core/event.ts'
import { compilePatterns } from '../core/event-type-pattern.ts'
import { type EventFilter, parseFilter } from '../core/filter.ts'
import { integrationOf, isOperational } from '../core/operational-event.ts'
import type { Subscription } from '../core/registry.ts'
import type { TenantId } from '../core/tenant-id.ts'
import type { Grants } from './grants.ts'

/** A subscription with its patterns and filter ready to run. */
export interface CompiledSubscription {
  readonly subscription: Subscription
  readonly wantsType: (type: string) => boolean
  /** Its dialect has a name for the type now: the catalogue may change while it runs. */
  readonly isNamed: (type: string) => boolean
  readonly filter: EventFilter | null
}

export function compileSubscription(
  subscription: Subscription,
  isNamed: (type: string) => boolean = () => true,
): CompiledSubscription {
  const parsed = subscription.filter === null ? null : parseFilter(subscription.filter)
  if (parsed && !parsed.ok) throw new Error(`subscription ${subscription.id} has a stored filter that does not parse`)
  return {
    subscription,
    wantsType: wantedTypes(subscription.types),
    isNamed,
    filter: parsed ? parsed.filter : null,
  }
}

/** `*` asks for everything that publishers have to tell, and not for what Tidings tells of itself. */
function wantedTypes(patterns: readonly string[]): (type: string) => boolean {
  const wants = compilePatterns(patterns)
  const wantsByName = compilePatterns(patterns.filter((pattern) => pattern !== '*'))
  return (type) => (isOperational(type) ? wantsByName(type) : wants(type))
}

/** Whether the subscription may be sent events of this tenant and type, by its grant and its own choice of tenants. */
export function isGranted(
  subscription: Subscription,
  event: Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>,
  grants: Grants,
): boolean {
  const { integrationId, boundTenantId, tenants } = subscription
  const { tenantId, type } = event
  if (isOperational(type)) {
    return integrationOf(event) === integrationId && (boundTenantId === null || boundTenantId === tenantId)
  }
  if (boundTenantId !== null && !isOwnOf(boundTenantId, tenantId, tenants.kind, grants)) return false
  switch (tenants.kind) {
    case 'granted':
      return grants.direct(integrationId, tenantId)?.allows(type) ?? false
    case 'subtree':
      if (!includes(grants.lineage(tenantId), tenants.tenantId)) return false
      return grants.inherited(integrationId, tenantId)?.allows(type) ?? false
    case 'list':
      if (!tenants.tenantIds.includes(tenantId)) return false
      return grants.inherited(integrationId, tenantId)?.allows(type) ?? false
    default:
      return tenants satisfies never
  }
}

/** A subscription made by one tenant's token sees that tenant, and its descendants where it asks for them. */
function isOwnOf(boundTenantId: TenantId, tenantId: TenantId, kind: string, grants: Grants): boolean {
  return kind === 'granted' ? tenantId === boundTenantId : includes(grants.lineage(tenantId), boundTenantId)
}

/** All of a subscription's conditions but its status. */
export function isMatch(compiled: CompiledSubscription, event: StoredEvent, grants: Grants): boolean {
  const { subscription } = compiled
  if (event.isQuiet || !compiled.wantsType(event.type) || !compiled.isNamed(event.type)) return false
  if (subscription.topicFloors && event.position <= floorOf(subscription.topicFloors, event.topic)) return false
  if (!isGranted(subscription, event, grants)) return false
  return compiled.filter === null || compiled.filter(event)
}

/** `*` is the floor of the topics that are not named. */
function floorOf(floors: Readonly<Record<string, number>>, topic: string): number {
  return (Object.hasOwn(floors, topic) ? floors[topic] : floors['*']) ?? 0
}

function includes(ids: Iterable<TenantId>, id: TenantId): boolean {
  for (const other of ids) if (other === id) return true
  return false
}
