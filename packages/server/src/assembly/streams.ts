import type { Server } from 'node:http'
import { clientAddress } from '../core/address/client-address.ts'
import { type Clock, systemClock } from '../core/time/clock.ts'
import { attachFortnoxStream } from '../dialects/fortnox/routes.ts'
import { makeStreamAuthority } from '../registry/stream-authority.ts'
import { LiveStream } from '../stream/live-stream.ts'
import type { OpenStreams } from '../stream/open-streams.ts'
import type { Foundation } from './foundation.ts'

/** The streams of WebSockets, attached to the server that serves everything else. */
export function openStreamsOn(
  server: Server,
  { config, clock, logger, log, directory, serverKeys, recogniser, catalogue, onFailure }: Foundation,
  { streams, movedClock }: { readonly streams: OpenStreams; readonly movedClock: Clock | undefined },
  opened: AsyncDisposableStack,
): LiveStream {
  const stream = new LiveStream({ log, clock, onError: onFailure })
  opened.defer(() => stream.close())
  const fortnox = attachFortnoxStream(server, {
    stream,
    authority: makeStreamAuthority(directory, serverKeys.peppers, recogniser.recognise),
    // Moved time must not part those who had no time to answer a ping.
    clock: movedClock ? { now: () => movedClock.now(), schedule: systemClock.schedule } : clock,
    addressOf: ({ socket, headers }) =>
      clientAddress(socket.remoteAddress ?? '', [headers['x-forwarded-for'] ?? []].flat().join(), config.trustProxies),
    epoch: log.epoch,
    names: {
      nameOf: (type) => catalogue().nameIn(type, 'fortnox'),
      topics: () => catalogue().topics('fortnox'),
    },
    streams,
    onError: onFailure,
    onEnded: (summary) => logger.info({ ...summary }, 'stream'),
  })
  opened.defer(() => fortnox.drain(config.drainSeconds * 250))
  return stream
}
