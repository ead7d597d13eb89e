import type { StoredEvent } from '../core/event/event.ts'
import { patternsOf } from '../core/event/event-type-pattern.ts'
import { integrationOf, isOperational } from '../core/event/operational-event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { type CompiledSubscription, isMatch } from './compiled-subscription.ts'
import type { Grants } from './grants.ts'

/** Subscriptions by how their tenants are found. */
class Bucket<T extends CompiledSubscription> {
  readonly byTenant = new Map<TenantId, Set<T>>()
  readonly bySubtree = new Map<TenantId, Set<T>>()
  readonly byIntegration = new Map<string, Set<T>>()

  get isEmpty(): boolean {
    return this.byTenant.size + this.bySubtree.size + this.byIntegration.size === 0
  }
}

/**
 * Finds the subscriptions of an event by the patterns that select its type, then tenant, then integration: the cost is
 * the matches and the tenant's grants, not the subscriptions. A subscription stands once for each of its patterns,
 * however many types they select.
 */
export class SubscriptionIndex<T extends CompiledSubscription> {
  readonly #buckets = new Map<string, Bucket<T>>()
  readonly #members = new Map<number, T>()

  get size(): number {
    return this.#members.size
  }

  add(member: T): void {
    const { number, types } = member.subscription
    this.remove(number)
    this.#members.set(number, member)
    for (const pattern of types) this.#place(pattern, member)
  }

  remove(number: number): void {
    const member = this.#members.get(number)
    if (!member) return
    this.#members.delete(number)
    for (const pattern of member.subscription.types) {
      const bucket = this.#buckets.get(pattern)
      if (!bucket) continue
      for (const [key, map] of placesOf(member, bucket)) removeFrom(map, key, member)
      if (bucket.isEmpty) this.#buckets.delete(pattern)
    }
  }

  match(event: StoredEvent, grants: Grants): T[] {
    if (event.isQuiet) return []
    const buckets = patternsOf(event.type).flatMap((pattern) => this.#buckets.get(pattern) ?? [])
    if (buckets.length === 0) return []
    const matches: T[] = []
    for (const members of buckets.flatMap((bucket) => candidates(bucket, event, grants))) {
      for (const member of members) if (isMatch(member, event, grants)) matches.push(member)
    }
    // Several of its patterns may select the type.
    return buckets.length === 1 ? matches : [...new Set(matches)]
  }

  #place(pattern: string, member: T): void {
    let bucket = this.#buckets.get(pattern)
    if (!bucket) {
      bucket = new Bucket()
      this.#buckets.set(pattern, bucket)
    }
    for (const [key, map] of placesOf(member, bucket)) {
      const members = map.get(key)
      if (members) members.add(member)
      else map.set(key, new Set([member]))
    }
  }
}

/** Those that may match, by the tenant of the event. */
function candidates<T extends CompiledSubscription>(
  { byTenant, bySubtree, byIntegration }: Bucket<T>,
  event: StoredEvent,
  grants: Grants,
): readonly Set<T>[] {
  const found: Set<T>[] = []
  const collect = (members: Set<T> | undefined) => {
    if (members) found.push(members)
  }
  collect(byTenant.get(event.tenantId))
  if (isOperational(event.type)) {
    collect(byIntegration.get(integrationOf(event)))
    return found
  }
  if (bySubtree.size > 0) for (const tenantId of grants.lineage(event.tenantId)) collect(bySubtree.get(tenantId))
  if (byIntegration.size > 0) {
    for (const id of grants.integrationsOf(event.tenantId)) collect(byIntegration.get(id))
  }
  return found
}

type AnyMap<T> = Map<TenantId | string, Set<T>>

function placesOf<T extends CompiledSubscription>(member: T, bucket: Bucket<T>): [TenantId | string, AnyMap<T>][] {
  const { tenants, boundTenantId, integrationId } = member.subscription
  switch (tenants.kind) {
    case 'list':
      return tenants.tenantIds.map((id) => [id, bucket.byTenant as AnyMap<T>])
    case 'subtree':
      return [[tenants.tenantId, bucket.bySubtree as AnyMap<T>]]
    case 'granted':
      return boundTenantId === null
        ? [[integrationId, bucket.byIntegration as AnyMap<T>]]
        : [[boundTenantId, bucket.byTenant as AnyMap<T>]]
    default:
      return tenants satisfies never
  }
}

function removeFrom<T>(map: AnyMap<T>, key: TenantId | string, member: T): void {
  const members = map.get(key)
  members?.delete(member)
  if (members?.size === 0) map.delete(key)
}
