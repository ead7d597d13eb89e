import type { Catalogue } from '../catalogue/catalogue.ts'
import { compilePatterns } from '../core/event/event-type-pattern.ts'
import { isOperational } from '../core/event/operational-event.ts'
import type { Subscription } from '../core/registry/registry.ts'
import type { Clock } from '../core/time/clock.ts'
import type { GrantHistory } from '../match/grant-history.ts'
import { hasGrantedTenant } from '../match/granted-tenants.ts'
import type { Grants } from '../match/grants.ts'
import type { Directory } from './directory.ts'
import { grantHistoryOf } from './grant-history.ts'

export interface GrantStandingParts {
  readonly directory: Directory
  readonly grants: Grants
  readonly catalogue: () => Catalogue
  readonly clock: Pick<Clock, 'now'>
}

/** Whether subscriptions are granted anything, and until when they were. */
export class GrantStanding {
  readonly #parts: GrantStandingParts

  constructor(parts: GrantStandingParts) {
    this.#parts = parts
  }

  /** Whether it can be sent anything: some tenant grants it something, or it asks for Tidings' own events alone. */
  hasGrant(subscription: Subscription): boolean {
    const { directory, clock, grants, catalogue } = this.#parts
    const tenants = () => directory.grantedTenants(subscription.integrationId, clock.now())
    if (hasGrantedTenant(subscription, grants, tenants)) return true
    const wants = compilePatterns(subscription.types)
    for (const { type } of catalogue().types()) if (!isOperational(type) && wants(type)) return false
    return true
  }

  /** The grants of an integration, with those that have ended. */
  historyOf(integrationId: string): GrantHistory {
    return grantHistoryOf(this.#parts.directory, integrationId, this.#parts.clock.now())
  }

  /** When the last grant ended that the subscription had; null: it never had one. */
  endedMs({ boundTenantId, tenants }: Subscription, history: GrantHistory): number | null {
    if (tenants.kind === 'granted' && boundTenantId === null) return history.lastEndMs
    const own =
      tenants.kind === 'list' ? tenants.tenantIds : [tenants.kind === 'subtree' ? tenants.tenantId : boundTenantId!]
    const ends = own.flatMap((tenantId) => history.endOf(tenantId, this.#parts.clock.now()) ?? [])
    return ends.length === 0 ? null : Math.max(...ends)
  }
}
