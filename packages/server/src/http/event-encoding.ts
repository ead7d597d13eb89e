import type { StoredEvent } from '../core/event/event.ts'
import { nativeText } from './reading.ts'

/** How feed and SSE write an event. */
export interface EventEncoding {
  readonly textOf: (event: StoredEvent, offset: string) => string
}

/** By media type, as readers ask for them in `Accept`. */
export type EventEncodings = ReadonlyMap<string, EventEncoding>

const native: EventEncoding = { textOf: nativeText }

export function encodingFor(accept: string | undefined, encodings: EventEncodings): EventEncoding {
  for (const part of accept?.split(',') ?? []) {
    const encoding = encodings.get(part.split(';')[0]!.trim().toLowerCase())
    if (encoding) return encoding
  }
  return native
}
