import type { StoredEvent } from '../core/event/event.ts'
import { integrationOf, isOperational } from '../core/event/operational-event.ts'
import type { TenantId } from '../core/ids/tenant-id.ts'
import { type CompiledSubscription, isMatch } from './compiled-subscription.ts'
import type { Grants } from './grants.ts'

/** Subscriptions by how their tenants are found. */
class Bucket<T extends CompiledSubscription> {
  readonly byTenant = new Map<TenantId, Set<T>>()
  readonly bySubtree = new Map<TenantId, Set<T>>()
  readonly byIntegration = new Map<string, Set<T>>()
}

/**
 * Finds the subscriptions of an event by type, then tenant, then integration: the cost is the
 * matches and the tenant's grants, not the subscriptions.
 */
export class SubscriptionIndex<T extends CompiledSubscription> {
  readonly #buckets = new Map<string, Bucket<T>>()
  readonly #members = new Map<number, { member: T; types: readonly string[] }>()
  /** Wildcards are spelled out, so that a look-up is by the exact type; a type seen first later is added then. */
  readonly #knownTypes: Set<string>

  constructor(types: Iterable<string>) {
    this.#knownTypes = new Set(types)
  }

  get size(): number {
    return this.#members.size
  }

  add(member: T): void {
    this.remove(member.subscription.number)
    const types = [...this.#knownTypes].filter((type) => member.wantsType(type))
    this.#members.set(member.subscription.number, { member, types })
    for (const type of types) this.#place(type, member)
  }

  remove(number: number): void {
    const entry = this.#members.get(number)
    if (!entry) return
    this.#members.delete(number)
    for (const type of entry.types) {
      const bucket = this.#buckets.get(type)
      if (bucket) for (const [key, map] of placesOf(entry.member, bucket)) removeFrom(map, key, entry.member)
    }
  }

  match(event: StoredEvent, grants: Grants): T[] {
    if (event.isQuiet) return []
    if (!this.#knownTypes.has(event.type)) this.#learn(event.type)
    const bucket = this.#buckets.get(event.type)
    if (!bucket) return []
    const matches: T[] = []
    const collect = (members: Set<T> | undefined) => {
      if (!members) return
      for (const member of members) if (isMatch(member, event, grants)) matches.push(member)
    }
    collect(bucket.byTenant.get(event.tenantId))
    if (isOperational(event.type)) {
      collect(bucket.byIntegration.get(integrationOf(event)))
      return matches
    }
    if (bucket.bySubtree.size > 0) {
      for (const tenantId of grants.lineage(event.tenantId)) collect(bucket.bySubtree.get(tenantId))
    }
    if (bucket.byIntegration.size > 0) {
      for (const id of grants.integrationsOf(event.tenantId)) collect(bucket.byIntegration.get(id))
    }
    return matches
  }

  #learn(type: string): void {
    this.#knownTypes.add(type)
    for (const entry of this.#members.values()) {
      if (!entry.member.wantsType(type)) continue
      entry.types = [...entry.types, type]
      this.#place(type, entry.member)
    }
  }

  #place(type: string, member: T): void {
    let bucket = this.#buckets.get(type)
    if (!bucket) {
      bucket = new Bucket()
      this.#buckets.set(type, bucket)
    }
    for (const [key, map] of placesOf(member, bucket)) {
      const members = map.get(key)
      if (members) members.add(member)
      else map.set(key, new Set([member]))
    }
  }
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
