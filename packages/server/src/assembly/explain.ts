import { EventLookUp } from '../explain/event-look-up.ts'
import { Explainer } from '../explain/explainer.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { deliveryIdOf } from '../http/delivery-view.ts'
import type { AuditLog } from '../registry/audit-log.ts'
import { grantRecords } from '../registry/grant-records.ts'
import { ViewerTenants } from '../registry/viewer-tenants.ts'
import type { Foundation } from './foundation.ts'

/** What finds one event and tells why it did or did not arrive. */
export function createExplain(
  { log, grants, directory, history, clock }: Foundation,
  readers: Webhooks,
  audit: AuditLog,
) {
  return {
    lookUp: new EventLookUp({ log, grants, tenants: new ViewerTenants(directory, clock) }),
    explainer: new Explainer({
      grants,
      history,
      grantRecords: grantRecords(directory, audit, () => clock.now()),
      readers,
      deliveryIdOf: (key) => deliveryIdOf(log.epoch, key),
    }),
  }
}
