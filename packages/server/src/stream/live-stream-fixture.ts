import { ManualClock } from '../core/clock.ts'
import type { NewEvent } from '../core/event.ts'
import type { TenantId } from '../core/tenant-id.ts'
import { everyType, type VisibleTypes } from '../core/visible-types.ts'
import { MemoryLog } from '../engines/memory/log.ts'
import type { StreamEncoding, StreamSink } from './encoding.ts'
import { LiveStream } from './live-stream.ts'
import { viewOf } from './view.ts'

export const maxBufferedBytes = 60

/** Shows `<topic>@<position>`, so that what arrived can be read back. */
export const plain: StreamEncoding = {
  name: 'plain',
  encode: (event) => (event.type === 'thing.hidden' ? undefined : Buffer.from(`${event.topic}@${event.position}\n`)),
}

/** A connection whose peer reads everything, or nothing until it is drained. */
export class ScriptedSink implements StreamSink {
  isSlow = false
  bufferedBytes = 0
  mostBuffered = 0
  error: unknown
  received: string[] = []
  onText: (text: string) => void = () => {}
  #takes: (() => void)[] = []

  write(pieces: readonly Buffer[], taken: () => void): void {
    const bytes = Buffer.concat(pieces)
    const texts = bytes.toString().trimEnd().split('\n')
    texts.forEach(this.onText)
    this.received.push(...texts)
    if (!this.isSlow) {
      queueMicrotask(taken)
      return
    }
    this.#takes.push(taken)
    this.bufferedBytes += bytes.length
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedBytes)
  }

  drain(): void {
    this.bufferedBytes = 0
    for (const taken of this.#takes.splice(0)) taken()
  }

  fail(error: unknown): void {
    this.error = error
  }
}

// Long texts, so that a slice of the log holds a few events only.
const longText = 'x'.repeat(20_000)
let made = 0

export function thing(topic: string, tenantId: number, type = 'thing.changed'): NewEvent {
  made += 1
  return {
    topic,
    tenantId,
    type,
    entityKey: '1',
    isQuiet: false,
    id: `${made}`,
    fingerprint: undefined,
    head: longText,
    tail: '',
  }
}

export function world() {
  const clock = new ManualClock()
  const log = new MemoryLog({ clock, epoch: 7 })
  const stream = new LiveStream({ log, clock, maxBufferedBytes, nearEvents: 10 })
  return { clock, log, stream }
}

export function showing(...tenantIds: TenantId[]) {
  return viewOf(new Map(tenantIds.map((id): [TenantId, VisibleTypes] => [id, everyType])))
}

/** Until nothing moves any more. */
export async function settle({ clock }: { clock: ManualClock }, turns = 60) {
  for (let turn = 0; turn < turns; turn++) await clock.advance(5)
}

export function open(stream: LiveStream, options: { topics: Record<string, number>; tenants: TenantId[] }) {
  const sink = new ScriptedSink()
  const following = stream.follow(sink, plain)
  following.show(showing(...options.tenants))
  for (const [topic, position] of Object.entries(options.topics)) following.add(topic, position)
  following.start()
  return { sink, following }
}
