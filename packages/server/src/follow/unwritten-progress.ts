import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { Reader } from './reader.ts'
import type { SharedLoop } from './shared-loop.ts'

/** How far everything of a subscription is settled. */
export function settledTo({ progress }: Reader, shared: SharedLoop): number {
  return progress.own ? progress.own.watermark : Math.max(shared.tracker.watermark, progress.sharedFrom)
}

/** Readers whose progress may have moved since it was stored: few, however many subscriptions there are. */
export class UnwrittenProgress {
  readonly #partition: number
  readonly #shared: () => SharedLoop
  readonly #readers = new Set<Reader>()

  constructor(partition: number, shared: () => SharedLoop) {
    this.#partition = partition
    this.#shared = shared
  }

  /** Looks at the reader with the next settlement, and from then on whenever its progress may have changed. */
  follow(reader: Reader): void {
    reader.progress.onTouched = () => this.#readers.add(reader)
    this.#readers.add(reader)
  }

  /** The progress rows that changed, for the next settlement. */
  changed(): SubscriptionProgress[] {
    const rows: SubscriptionProgress[] = []
    const shared = this.#shared()
    for (const reader of this.#readers) {
      const { lane, progress, known, number } = reader
      if (known.size > 0) forgetKnown(reader, shared)
      const row = lane.isRemoved ? undefined : progress.changedRow(number, this.#partition, shared.tracker.watermark)
      if (row) rows.push(row)
      if (lane.isRemoved || (!progress.followsShared && known.size === 0)) this.#readers.delete(reader)
    }
    return rows
  }
}

/** Events that the watermark has passed are not read again. */
function forgetKnown(reader: Reader, shared: SharedLoop): void {
  const place = settledTo(reader, shared)
  for (const position of reader.known) if (position <= place) reader.known.delete(position)
}
