import type { SubscriptionProgress } from '../core/delivery/subscription-progress.ts'
import type { ReadingProgress } from '../deliver/settling/settlements.ts'
import type { Settlement } from '../deliver/settling/settling-store.ts'
import type { Reader } from './reader.ts'
import type { Tracker } from './tracker.ts'

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
    const rows: SubscriptionProgress[] = []
    for (const reader of this.#changed) {
      const { progress, number } = reader
      const knowsNothing = reader.forgetKnown(progress.settledTo(watermark))
      const row = progress.changedRow(number, this.#partition, watermark)
      if (row) rows.push(row)
      if (!progress.followsShared && knowsNothing) this.#changed.delete(reader)
    }
    return { watermarks: [{ partition: this.#partition, position: watermark }], progress: rows }
  }

  notWritten(rows: readonly SubscriptionProgress[]): void {
    for (const { subscription } of rows) this.#readers.get(subscription)?.progress.notWritten()
  }
}
