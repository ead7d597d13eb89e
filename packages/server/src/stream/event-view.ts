import type { StoredEvent } from '../core/event/event.ts'

/** Which events a reader gets: what it may see, and what it asked for. */
export interface EventView {
  /** By grants, asked anew for each event, so that a revoked grant shows nothing more (invariant 7). */
  readonly mayShow: (event: StoredEvent) => boolean
  readonly wants: (event: StoredEvent) => boolean
}

export function isShown(view: EventView, event: StoredEvent): boolean {
  return view.mayShow(event) && view.wants(event)
}
