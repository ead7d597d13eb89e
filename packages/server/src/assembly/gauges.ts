import { overdueMs } from '../deliver/overdue.ts'
import type { Webhooks } from '../follow/webhooks.ts'
import type { LiveStream } from '../stream/live-stream.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import type { Foundation } from './foundation.ts'

/** Lets metrics ask the rooms of the server, once all of them are there. */
export function watchGauges(
  { clock, directory, history, due, metrics, unknownTenants }: Foundation,
  rooms: { readonly webhooks: Webhooks; readonly streams: OpenStreams; readonly streamed: LiveStream },
): void {
  metrics.watch({
    ...rooms,
    unknownTenants,
    deliveries: {
      count: () => history.count(),
      overdueMs: () => overdueMs(due, directory.subscriptions.values(), clock.now()),
    },
  })
}
