import type { StoredEvent } from '../core/event/event.ts'
import { compilePatterns } from '../core/event/event-type-pattern.ts'
import { integrationOf, isOperational } from '../core/event/operational-event.ts'
import { visibleTypes } from '../core/event/visible-types.ts'
import { parseFilter } from '../core/filter/filter.ts'
import type { EventFilter } from '../core/filter/filter-condition.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import type { Subscription } from '../core/registry/registry.ts'
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
export function isGranted(subscription: Subscription, event: GrantedEvent, grants: Grants): boolean {
  return grantRefusal(subscription, event, grants) === null
}

type GrantedEvent = Pick<StoredEvent, 'tenantId' | 'type' | 'entityKey'>

/**
 * Why a subscription may not be sent an event: it is not for the tenant, or no grant shows it the tenant, or not the
 * type, or the access token that made it did not show the type.
 */
export type GrantRefusal = 'other_tenant' | 'no_grant' | 'type_not_granted' | 'beyond_its_token'

/** Null: it may be sent the event. */
export function grantRefusal(subscription: Subscription, event: GrantedEvent, grants: Grants): GrantRefusal | null {
  const { integrationId, boundTenantId, tenants, visibleTypes: remembered } = subscription
  const { tenantId, type } = event
  const isWithinToken = visibleTypes(remembered).allows(type)
  if (isOperational(type)) {
    const isIts = integrationOf(event) === integrationId && (boundTenantId === null || boundTenantId === tenantId)
    return !isIts ? 'other_tenant' : isWithinToken ? null : 'beyond_its_token'
  }
  if (!isOfTenant(subscription, tenantId, grants)) return 'other_tenant'
  const grant =
    tenants.kind === 'granted' ? grants.direct(integrationId, tenantId) : grants.inherited(integrationId, tenantId)
  if (!grant) return 'no_grant'
  if (!isWithinToken) return 'beyond_its_token'
  return grant.allows(type) ? null : 'type_not_granted'
}

/** Whether the tenant is one that the subscription is for, granted or not. */
export function isOfTenant(
  { boundTenantId, tenants }: Subscription,
  tenantId: TenantId,
  grants: Pick<Grants, 'lineage'>,
): boolean {
  if (boundTenantId !== null && !isOwnOf(boundTenantId, tenantId, tenants.kind, grants)) return false
  switch (tenants.kind) {
    case 'granted':
      return true
    case 'subtree':
      return includes(grants.lineage(tenantId), tenants.tenantId)
    case 'list':
      return tenants.tenantIds.includes(tenantId)
    default:
      return tenants satisfies never
  }
}

/** A subscription made by one tenant's token sees that tenant, and its descendants where it asks for them. */
function isOwnOf(boundTenantId: TenantId, tenantId: TenantId, kind: string, grants: Pick<Grants, 'lineage'>): boolean {
  return kind === 'granted' ? tenantId === boundTenantId : includes(grants.lineage(tenantId), boundTenantId)
}

/** All of a subscription's conditions but its status. */
export function isMatch(compiled: CompiledSubscription, event: StoredEvent, grants: Grants): boolean {
  return matchRefusal(compiled, event, grants) === null
}

/** The condition of a subscription that an event does not meet. */
export type MatchRefusal =
  | 'quiet'
  | 'type_not_subscribed'
  | 'not_in_dialect'
  | 'before_start'
  | 'not_granted'
  | 'filtered'

/** Why an event is not the subscription's, by the first condition that it does not meet; null: it is. */
export function matchRefusal(compiled: CompiledSubscription, event: StoredEvent, grants: Grants): MatchRefusal | null {
  const { subscription } = compiled
  if (event.isQuiet) return 'quiet'
  if (!compiled.wantsType(event.type)) return 'type_not_subscribed'
  if (!compiled.isNamed(event.type)) return 'not_in_dialect'
  if (subscription.topicFloors && event.position <= floorOf(subscription.topicFloors, event.topic)) {
    return 'before_start'
  }
  if (grantRefusal(subscription, event, grants) !== null) return 'not_granted'
  return compiled.filter === null || compiled.filter(event) ? null : 'filtered'
}

/** `*` is the floor of the topics that are not named. */
function floorOf(floors: Readonly<Record<string, number>>, topic: string): number {
  return (Object.hasOwn(floors, topic) ? floors[topic] : floors['*']) ?? 0
}

function includes(ids: Iterable<TenantId>, id: TenantId): boolean {
  for (const other of ids) if (other === id) return true
  return false
}
