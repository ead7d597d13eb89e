import type { SubscriptionProgress } from '../deliver/delivery-store.ts'
import type { Lane } from '../deliver/lane.ts'
import type { SharedLoop } from './shared-loop.ts'

/** How far everything of a lane is settled. */
export function settledTo({ progress }: Lane, shared: SharedLoop): number {
  return progress.own ? progress.own.watermark : Math.max(shared.tracker.watermark, progress.sharedFrom)
}

/** Lanes whose progress may have moved since it was stored: few, however many subscriptions there are. */
export class UnwrittenProgress {
  readonly #partition: number
  readonly #shared: () => SharedLoop
  readonly #lanes = new Set<Lane>()

  constructor(partition: number, shared: () => SharedLoop) {
    this.#partition = partition
    this.#shared = shared
  }

  /** Looks at the lane with the next settlement, and from then on whenever its progress may have changed. */
  follow(lane: Lane): void {
    lane.progress.onTouched = () => this.#lanes.add(lane)
    this.#lanes.add(lane)
  }

  /** The progress rows that changed, for the next settlement. */
  changed(): SubscriptionProgress[] {
    const rows: SubscriptionProgress[] = []
    const shared = this.#shared()
    for (const lane of this.#lanes) {
      if (lane.known.size > 0) forgetKnown(lane, shared)
      const row = lane.isRemoved
        ? undefined
        : lane.progress.changedRow(lane.subscription.number, this.#partition, shared.tracker.watermark)
      if (row) rows.push(row)
      if (lane.isRemoved || (!lane.progress.followsShared && lane.known.size === 0)) this.#lanes.delete(lane)
    }
    return rows
  }
}

/** Events that the watermark has passed are not read again. */
function forgetKnown(lane: Lane, shared: SharedLoop): void {
  const place = settledTo(lane, shared)
  for (const position of lane.known) if (position <= place) lane.known.delete(position)
}
