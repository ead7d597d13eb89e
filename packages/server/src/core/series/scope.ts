import type { Subscription } from '../registry/registry.ts'

/** Of whom something is counted: of all, of an integration, of a dialect, or of one subscription by its number. */
export type Scope = 'all' | `integration ${string}` | `dialect ${string}` | `subscription ${number}`

/** Everything that an attempt for a subscription counts for. */
export function scopesOf({ number, integrationId, dialect }: SubscriptionFacets): readonly Scope[] {
  return ['all', `dialect ${dialect}`, `integration ${integrationId}`, `subscription ${number}`]
}

export type SubscriptionFacets = Pick<Subscription, 'number' | 'integrationId' | 'dialect'>
