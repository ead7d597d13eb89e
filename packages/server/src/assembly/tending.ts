import { startWatch } from '../follow/watch.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import { startRetention } from '../log/retention.ts'
import { watchGrants } from '../registry/grant-watch.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import { startStreamTally } from '../stream/stream-tally.ts'
import type { Foundation } from './foundation.ts'

/** What is looked after while the server runs: retention, what is about to be lost, how much is open. Returns its stop. */
export function tend(foundation: Foundation, { readership }: Webhooks, streams: OpenStreams): () => void {
  const { log, needed, clock, config, logger, directory, standing, operational, onFailure } = foundation
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
    settledTo: (number) => readership.settledTo(number),
    expiring: (token) => operational.tokenExpiring(token),
    lagging: (subscription, behind) => operational.lagging(subscription, behind),
    onFailure,
  })
  const stopWatchingGrants = watchGrants({ clock, directory, standing, operational })
  const stopTally = startStreamTally({ list: streams.list, store: foundation.series, clock, onFailure })
  return () => {
    stopTally()
    stopWatchingGrants()
    stopRetention()
    stopWatch()
  }
}
