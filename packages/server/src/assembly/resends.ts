import { ResendRuns } from '../deliver/resend-runs.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { searchOf } from '../http/delivery-filter.ts'
import { resendRecords } from '../registry/resend-records.ts'
import type { Foundation } from './foundation.ts'

/** Bulk resends over the foundation. */
export function createResends(
  { config, clock, history, directory, registry, onFailure }: Foundation,
  webhooks: Webhooks,
): ResendRuns {
  return new ResendRuns({
    history,
    nowMs: () => clock.now(),
    records: resendRecords(registry, config.retention),
    searchOf: ({ subscriptionId, filter }) => {
      const subscription = directory.subscriptions.get(subscriptionId)
      return subscription && searchOf([subscription], filter)
    },
    resend: (rows) => webhooks.resend(rows),
    flush: () => webhooks.flush(),
    onFailure,
  })
}
