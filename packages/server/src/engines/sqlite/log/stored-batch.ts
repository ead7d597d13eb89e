import { batchChecksum } from '../../../core/event/record-batch.ts'

/** A row of `batches`. */
export interface StoredBatch {
  readonly base: number
  readonly topic: number
  readonly last: number
  readonly segment: number
  readonly count: number
  readonly appended_at: number
  readonly checksum: number
  readonly body: Uint8Array
  /**
   * The last position of the batch before it in its topic, and of the segment before its own. Each
   * batch is so a link of two chains, and a reader sees when one is missing.
   */
  readonly topic_before: number
  readonly log_before: number
}

export const batchColumns =
  'base, topic, last, segment, count, appended_at, checksum, topic_before, log_before, body' as const

/** Whether every byte of it is as it was written. */
export function isIntact(row: StoredBatch): boolean {
  return row.body instanceof Uint8Array && storedChecksum(row) === row.checksum
}

export function storedChecksum(row: Omit<StoredBatch, 'checksum'>): number {
  const { base, last, topic, segment, count, body, appended_at: appendedAtMs, topic_before, log_before } = row
  return batchChecksum({ base, last, topic, appendedAtMs, links: [segment, count, topic_before, log_before] }, body)
}
