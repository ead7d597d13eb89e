import type { Subscription } from '../../core/registry/registry.ts'

type InRotation = { readonly subscription: Pick<Subscription, 'integrationId' | 'boundTenantId'> }
type RotationTenant = Subscription['boundTenantId']

/**
 * Lanes that wait for the same thing, in fair order: integrations take turns, within an integration its
 * tenants, within a tenant its lanes. One with a thousand endpoints waits as long as one with a single one.
 * Every operation costs the same however many wait.
 */
export class Rotation<T extends InRotation> {
  readonly #integrations = new Map<string, Map<RotationTenant, Set<T>>>()

  /** Once, however often it is added. */
  add(lane: T): void {
    const { integrationId, boundTenantId } = lane.subscription
    const tenants = this.#integrations.get(integrationId) ?? new Map<RotationTenant, Set<T>>()
    if (tenants.size === 0) this.#integrations.set(integrationId, tenants)
    const lanes = tenants.get(boundTenantId)
    if (lanes) lanes.add(lane)
    else tenants.set(boundTenantId, new Set([lane]))
  }

  /** The next in turn among the integrations that `mayTake`, taken out; undefined: there is none. */
  take(mayTake: (integrationId: string) => boolean = () => true): T | undefined {
    if (this.#integrations.size === 0) return undefined
    for (const [integrationId, tenants] of this.#integrations) {
      if (!mayTake(integrationId)) continue
      for (const [tenant, lanes] of tenants) {
        for (const lane of lanes) {
          lanes.delete(lane)
          toTheEnd(tenants, tenant, lanes)
          toTheEnd(this.#integrations, integrationId, tenants)
          return lane
        }
      }
    }
    return undefined
  }

  forget(lane: T): void {
    const { integrationId, boundTenantId } = lane.subscription
    const tenants = this.#integrations.get(integrationId)
    const lanes = tenants?.get(boundTenantId)
    lanes?.delete(lane)
    if (lanes?.size === 0) tenants?.delete(boundTenantId)
    if (tenants?.size === 0) this.#integrations.delete(integrationId)
  }
}

/** A map keeps the order of insertion: what is set anew comes last. */
function toTheEnd<K, V extends { readonly size: number }>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  if (value.size > 0) map.set(key, value)
}
