import type { LogBounds, LogSlice } from './event-log.ts'

/** How far events after `after` had been dropped by retention before they were read; `after` itself: none of them. */
export function droppedTo(after: number, slice: LogSlice, bounds: LogBounds): number {
  // Asked for after the reading: what the slice holds was there, whatever was dropped since.
  const first = slice.events[0]?.position ?? slice.next + 1
  return Math.max(after, Math.min(bounds.earliest, first - 1))
}
