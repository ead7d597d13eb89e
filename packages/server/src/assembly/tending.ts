import { formatRfc3339 } from '../core/time/time.ts'
import { startWatch } from '../follow/watch.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { startRetention } from '../log/retention.ts'
import type { Foundation } from './foundation.ts'
import { watchGrants } from './grant-watch.ts'

/** What is looked after while the server runs: retention, and what is about to be lost. Returns its stop. */
export function tend(foundation: Foundation, webhooks: Webhooks): () => void {
  const { log, needed, clock, config, logger, directory, operational, onFailure } = foundation
  const stopRetention = startRetention({
    log,
    needed,
    clock,
    retentionMs: config.retention,
    onDropped: (events) => logger.info({ events }, 'retention'),
    onFailure,
  })
  const stopWatch = startWatch({
    log,
    clock,
    retentionMs: config.retention,
    tokens: () => directory.grants.all(),
    subscriptions: () => directory.subscriptions.values(),
    settledTo: (number) => webhooks.readership.settledTo(number),
    expiring: (token) => operational.tokenExpiring(token),
    lagging: (subscription, behind) => {
      const today = formatRfc3339(clock.now()).slice(0, 10)
      operational.subscription('subscription.lagging', subscription, { behind }, today)
    },
    onFailure,
  })
  const stopWatchingGrants = watchGrants(foundation)
  return () => {
    stopWatchingGrants()
    stopRetention()
    stopWatch()
  }
}
