import { EventLookUp } from '../explain/event-look-up.ts'
import { Explainer } from '../explain/explainer.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { deliveryIdOf } from '../http/delivery-view.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import { grantRecords } from '../registry/grant-records.ts'
import type { Foundation } from './foundation.ts'

/** What finds one event and tells why it did or did not arrive. */
export function createExplain(foundation: Foundation, webhooks: Webhooks, audit: AuditLog) {
  const { log, grants, directory, history, clock } = foundation
  const lookUp = new EventLookUp({
    log,
    grants,
    *tenantsOf(viewer) {
      // What Tidings tells of integrations as a whole has no tenant.
      yield 0
      if (viewer.sees === 'everything') {
        for (const { id } of directory.tenants.page(undefined, directory.tenants.size)) yield id
      }
      if (viewer.sees === 'by-token') yield viewer.tenantId
      if (viewer.sees === 'granted' && viewer.tenantId !== null) yield viewer.tenantId
      else if (viewer.sees === 'granted') yield* directory.grantedTenants(viewer.integrationId, clock.now())
    },
  })
  const explainer = new Explainer({
    grants,
    history,
    grantRecords: grantRecords(directory, audit, () => clock.now()),
    compiled: (subscription) => webhooks.compiled(subscription),
    eventStandingOf: (subscription, event) => webhooks.eventStandingOf(subscription, event),
    flush: () => webhooks.flush(),
    deliveryIdOf: (key) => deliveryIdOf(log.epoch, key),
  })
  return { lookUp, explainer }
}
