import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { IdBloom } from './id-bloom.ts'
import type { IdDigest } from './id-digest.ts'
import { type IdPlace, packEntries, unpackEntries } from './id-entries.ts'
import { IdIndex } from './id-index.ts'
import { bucketBits, bucketOf, divideIntoBuckets, findInBucket } from './id-run.ts'

/**
 * Finds the event that a publisher's id was first used for, at a cost that hardly grows with the
 * log. The newest ids are in memory, and beside that in `pending_ids`, a row a commit. From time to
 * time they all become a run on disk, and `pending_ids` starts afresh, so opening the log reads the
 * Bloom filters of the runs and one run's worth of pending ids, however long the log is.
 */
export class PublishedIds {
  readonly #index = new IdIndex()
  readonly #runSize: number
  #runs: Run[] = []
  readonly #db: DatabaseSync
  readonly #bucket: StatementSync
  readonly #pend: StatementSync

  constructor(db: DatabaseSync, runSize: number) {
    this.#db = db
    this.#runSize = runSize
    this.#bucket = db.prepare('SELECT entries FROM id_buckets WHERE place = ?')
    this.#pend = db.prepare('INSERT INTO pending_ids VALUES (?, ?)')
    this.reload()
  }

  /** The first use of an id, if that stands after `after`: what is not kept is not known. */
  find(id: IdDigest, after: number): IdPlace | undefined {
    const recent = this.#index.find(id, after)
    if (recent) return recent
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const { run, last, bits, bloom } = this.#runs[i]!
      if (last <= after) return undefined
      if (!bloom.mayHave(id)) continue
      const row = this.#bucket.get(placeOf(run, bucketOf(id.h0, bits))) as { entries: Uint8Array } | undefined
      const found = row && findInBucket(unpackEntries(row.entries), id, after)
      if (found) return found
    }
    return undefined
  }

  add(id: IdDigest, position: number): void {
    this.#index.add(id, position)
  }

  /** To give to `truncate` or `store` after a number of additions. */
  get mark(): number {
    return this.#index.count
  }

  truncate(mark: number): void {
    this.#index.truncate(mark)
  }

  /** Keeps the additions since `mark`; part of the transaction that stores their events. */
  store(mark: number, base: number): void {
    if (this.mark > mark) this.#pend.run(base, packEntries(this.#index.entriesFrom(mark)))
  }

  get isRunDue(): boolean {
    return this.#index.count >= this.#runSize
  }

  /** Turns the pending ids, which reach up to `last`, into a run. The caller has a transaction open. */
  writeRun(last: number): Run {
    const entries = this.#index.entriesFrom(0)
    const bits = bucketBits(this.#index.count)
    const bloom = IdBloom.of(entries)
    const { run } = this.#db
      .prepare('INSERT INTO id_runs (last, bits, bloom) VALUES (?, ?, ?) RETURNING run')
      .get(last, bits, new Uint8Array(bloom.words.buffer)) as { run: number }
    const insert = this.#db.prepare('INSERT INTO id_buckets VALUES (?, ?)')
    for (const [bucket, content] of divideIntoBuckets(entries, bits).entries()) {
      if (content.length > 0) insert.run(placeOf(run, bucket), packEntries(content))
    }
    this.#db.exec('DELETE FROM pending_ids')
    return { run, last, bits, bloom }
  }

  /** To call when the transaction of `writeRun` is durable. */
  runWritten(run: Run): void {
    this.#runs.push(run)
    this.#index.clear()
  }

  /** All events of the oldest run stand at or before `earliest`. */
  hasRunUntil(earliest: number): boolean {
    return this.#runs[0] !== undefined && this.#runs[0].last <= earliest
  }

  /** Forgets the oldest run; the caller has a transaction open. */
  dropRun(): void {
    const { run } = this.#runs[0]!
    this.#db.prepare('DELETE FROM id_buckets WHERE place < ?').run(placeOf(run + 1, 0))
    this.#db.prepare('DELETE FROM id_runs WHERE run = ?').run(run)
  }

  /** To call when the transaction of `dropRun` is durable. */
  runDropped(): void {
    this.#runs.shift()
  }

  /** Reads everything again from disk. */
  reload(): void {
    this.#index.clear()
    const runs = this.#db.prepare('SELECT run, last, bits, bloom FROM id_runs ORDER BY run').all()
    this.#runs = (runs as unknown as (Omit<Run, 'bloom'> & { bloom: Uint8Array })[]).map(({ bloom, ...run }) => ({
      ...run,
      bloom: new IdBloom(new Uint32Array(bloom.slice().buffer)),
    }))
    for (const row of this.#db.prepare('SELECT entries FROM pending_ids ORDER BY base').iterate()) {
      this.#index.addAll(unpackEntries(row.entries as Uint8Array))
    }
  }
}

interface Run {
  readonly run: number
  /** The last position that it covers. */
  readonly last: number
  readonly bits: number
  readonly bloom: IdBloom
}

const bucketsPerRun = 0x1_0000

function placeOf(run: number, bucket: number): number {
  return run * bucketsPerRun + bucket
}
