import type { SeriesCounts } from '../core/series/counts.ts'
import type { Scope } from '../core/series/scope.ts'
import { minuteMs, type SeriesTally } from '../core/series/tally.ts'
import type { Clock } from '../core/time/clock.ts'
import type { ListedStream, StreamList } from './stream-list.ts'

/** Where it is counted how many streams are open. */
export interface StreamTallies {
  tally(tallies: readonly SeriesTally[]): Promise<void>
}

/** Streams that are looked at between two other pieces of work. */
const lookedAtOnce = 1_000

/** Looks once a minute at how many streams are open. Returns its stop. */
export function startStreamTally(given: {
  readonly list: StreamList
  readonly store: StreamTallies
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}): () => void {
  const { list, store, clock, onFailure } = given
  let cancel = () => {}
  const look = () => {
    const streams = allOf(list)
    // Nobody is told of an idle server's streams: what is not counted is none.
    if (streams.length > 0) store.tally(talliesOf(streams, clock.now())).catch(onFailure)
    cancel = clock.schedule(minuteMs, look)
  }
  cancel = clock.schedule(minuteMs, look)
  return () => cancel()
}

function allOf(list: StreamList): ListedStream[] {
  const streams: ListedStream[] = []
  for (let after: string | undefined; ; after = streams.at(-1)!.id) {
    const page = list.page(after, lookedAtOnce)
    streams.push(...page)
    if (page.length < lookedAtOnce) return streams
  }
}

/** A stream counts for all, and for each integration that it is for. */
function talliesOf(streams: readonly ListedStream[], nowMs: number): SeriesTally[] {
  const counts = new Map<Scope, SeriesCounts & { streams: number }>([['all', { streams: streams.length, samples: 1 }]])
  for (const integrationId of streams.flatMap((stream) => stream.facts().integrationIds)) {
    const scope: Scope = `integration ${integrationId}`
    const own = counts.get(scope) ?? { streams: 0, samples: 1 }
    own.streams += 1
    counts.set(scope, own)
  }
  const minute = Math.floor(nowMs / minuteMs)
  return [...counts].map(([scope, each]) => ({ scope, minute, counts: each }))
}
