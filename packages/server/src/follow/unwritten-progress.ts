import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { ReadingProgress } from '../deliver/settling/settlements.ts'
import type { Settlement } from '../deliver/settling/settling-store.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

/** How far everything of a subscription is settled. */
export function settledTo({ progress }: Reader, shared: Tracker): number {
  return progress.own ? progress.own.watermark : Math.max(shared.watermark, progress.sharedFrom)
}

/** Readers whose progress may have moved since it was stored: few, however many subscriptions there are. */
export class UnwrittenProgress implements ReadingProgress {
  readonly #partition: number
  /** That of the shared loop. */
  readonly #shared: Tracker
  readonly #readers = new Map<number, Reader>()
  readonly #changed = new Set<Reader>()

  constructor(partition: number, shared: Tracker) {
    this.#partition = partition
    this.#shared = shared
  }

  /** Looks at the reader with the next settlement, and from then on whenever its progress may have changed. */
  follow(reader: Reader): void {
    this.#readers.set(reader.number, reader)
    reader.progress.onTouched = () => this.#changed.add(reader)
    this.#changed.add(reader)
  }

  /** Its subscription is gone: nothing of it is written any more. */
  forget(reader: Reader): void {
    reader.progress.onTouched = () => {}
    this.#readers.delete(reader.number)
    this.#changed.delete(reader)
  }

  changed(): Pick<Settlement, 'watermarks' | 'progress'> {
    const { watermark } = this.#shared
    const progress: SubscriptionProgress[] = []
    for (const reader of this.#changed) {
      if (reader.known.size > 0) forgetKnown(reader, this.#shared)
      const row = reader.progress.changedRow(reader.number, this.#partition, watermark)
      if (row) progress.push(row)
      if (!reader.progress.followsShared && reader.known.size === 0) this.#changed.delete(reader)
    }
    return { watermarks: [{ partition: this.#partition, position: watermark }], progress }
  }

  notWritten(rows: readonly SubscriptionProgress[]): void {
    for (const { subscription } of rows) this.#readers.get(subscription)?.progress.notWritten()
  }
}

/** Events that the watermark has passed are not read again. */
function forgetKnown(reader: Reader, shared: Tracker): void {
  const place = settledTo(reader, shared)
  for (const position of reader.known) if (position <= place) reader.known.delete(position)
}
