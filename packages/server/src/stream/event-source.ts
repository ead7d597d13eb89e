import { Signal } from '../core/collection/signal.ts'
import type { StoredEvent } from '../core/event/event.ts'
import type { Clock } from '../core/time/clock.ts'
import { hasElapsed } from '../core/time/elapsed.ts'
import type { EventLog } from '../log/event-log.ts'
import { type EventView, isShown } from './event-view.ts'

const sliceBytes = 256 * 1024
const sliceEvents = 1_000
/** Filtered-out events after which the reader is told how far it is. */
const checkpointEvents = 1_000
/** Silence is broken this often, so that proxies keep the connection and dead ones are noticed. */
const heartbeatMs = 15_000
/** How soon a stream ends whose key has expired. */
const recheckMs = 2_000

/**
 * Server-sent events (WHATWG HTML §9.2):
 *
 *   id: <resume token over all topics>
 *   data: {"type":"invoice.updated",…}
 *
 *   event: checkpoint          nothing passed the filter for a while, but reading went on
 *   id: <resume token>
 *   data: {}
 */
export interface EventSourceDeps {
  readonly log: EventLog
  readonly clock: Clock
  readonly partition: number
  /** As the catalogue is now. */
  readonly topics: () => ReadonlySet<string>
  readonly view: EventView
  readonly tokenOf: (position: number) => string
  readonly textOf: (event: StoredEvent) => string
  /** False: the reader's key is no longer good. */
  readonly isAllowed: () => boolean
  /** Calls back when the reader's key may have ended. Returns its cancel. */
  readonly onAccessChanged: (wake: () => void) => () => void
  /** Resolves when the connection takes more; false when it has closed. */
  readonly write: (text: string) => Promise<boolean>
}

/** Serves one reader from after `position`, until it leaves, its key goes or `isStopped`. */
export async function serveEventSource(
  deps: EventSourceDeps,
  position: number,
  isStopped: () => boolean,
): Promise<void> {
  const { log, clock, partition, topics, view } = deps
  const wake = new Signal()
  const stopListening = log.onAppended(wake.wake)
  const stopWatching = deps.onAccessChanged(wake.wake)
  let after = position
  let told = position
  let skipped = 0
  let spokenAtMs = clock.now()
  const say = async (text: string) => {
    spokenAtMs = clock.now()
    return deps.write(text)
  }
  try {
    if (!(await say(`: tidings\nid: ${deps.tokenOf(position)}\n\n`))) return
    while (!isStopped() && deps.isAllowed()) {
      const slice = await log.read({ partition, after, topics: topics(), maxBytes: sliceBytes, maxEvents: sliceEvents })
      // It may have ended while the log was read.
      if (!deps.isAllowed()) return
      let text = ''
      for (const event of slice.events) {
        if (isShown(view, event)) {
          text += `id: ${deps.tokenOf(event.position)}\ndata: ${deps.textOf(event)}\n\n`
          told = event.position
          skipped = 0
        } else skipped += 1
      }
      const isAtEnd = slice.next === after
      after = slice.next
      if (skipped >= checkpointEvents) {
        text += checkpoint(deps.tokenOf(after))
        told = after
        skipped = 0
      }
      if (text !== '') {
        if (!(await say(text))) return
        continue
      }
      if (!isAtEnd) continue
      if (hasElapsed(spokenAtMs, heartbeatMs, clock.now())) {
        const hasMoved = after !== told
        told = after
        skipped = 0
        if (!(await say(hasMoved ? checkpoint(deps.tokenOf(after)) : ': alive\n\n'))) return
      }
      const cancel = clock.schedule(recheckMs, wake.wake)
      await wake.wait()
      cancel()
    }
  } finally {
    stopListening()
    stopWatching()
  }
}

function checkpoint(token: string): string {
  return `event: checkpoint\nid: ${token}\ndata: {}\n\n`
}
