import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { damaged } from '../file/damage.ts'
import { IdBloom } from './id-bloom.ts'
import type { IdDigest } from './id-digest.ts'
import { type IdPlace, packEntries, unpackEntries } from './id-entries.ts'
import { IdIndex } from './id-index.ts'
import { bucketBits, bucketOf, divideIntoBuckets, findInBucket } from './id-run.ts'
import type { LogFacts } from './log-facts.ts'

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
  readonly #facts: LogFacts
  readonly #bucket: StatementSync
  readonly #pend: StatementSync

  constructor(db: DatabaseSync, facts: LogFacts, runSize: number) {
    this.#db = db
    this.#facts = facts
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
      const run = this.#runs[i]!
      if (run.last <= after) return undefined
      if (!run.bloom.mayHave(id)) continue
      const found = findInBucket(this.#bucketAt(run, bucketOf(id.h0, run.bits)), id, after)
      if (found) return found
    }
    return undefined
  }

  #bucketAt({ run }: Run, bucket: number): Uint32Array {
    const place = placeOf(run, bucket)
    const row = this.#bucket.get(place) as { entries: Uint8Array } | undefined
    if (!row) throw damaged('the list of published ids')
    return unpackEntries(row.entries, place)
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
    if (this.mark <= mark) return
    this.#pend.run(base, packEntries(this.#index.entriesFrom(mark), base))
    this.#facts.set('pending', this.mark)
  }

  get isRunDue(): boolean {
    return this.#index.count >= this.#runSize
  }

  /** Turns the pending ids, which reach up to `last`, into a run. The caller has a transaction open. */
  writeRun(last: number): Run {
    const entries = this.#index.entriesFrom(0)
    const bits = bucketBits(this.#index.count)
    const bloom = IdBloom.of(entries)
    const words = new Uint8Array(bloom.words.buffer)
    const run = (this.#runs.at(-1)?.run ?? 0) + 1
    this.#db
      .prepare('INSERT INTO id_runs (run, last, bits, bloom, checksum) VALUES (?, ?, ?, ?, ?)')
      .run(run, last, bits, words, runChecksum({ run, last, bits }, words))
    const insert = this.#db.prepare('INSERT INTO id_buckets VALUES (?, ?)')
    for (const [bucket, content] of divideIntoBuckets(entries, bits).entries()) {
      const place = placeOf(run, bucket)
      insert.run(place, packEntries(content, place))
    }
    this.#db.exec('DELETE FROM pending_ids')
    this.#facts.set('pending', 0)
    this.#facts.set('runs', this.#runs.length + 1)
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
    this.#facts.set('runs', this.#runs.length - 1)
  }

  /** To call when the transaction of `dropRun` is durable. */
  runDropped(): void {
    this.#runs.shift()
  }

  /** Reads everything again from disk. */
  reload(): void {
    this.#index.clear()
    const rows = this.#db.prepare('SELECT run, last, bits, bloom, checksum FROM id_runs ORDER BY run').all()
    this.#runs = (rows as unknown as RunRow[]).map(({ bloom, checksum, ...run }) => {
      const isIntact = bloom instanceof Uint8Array && checksum === runChecksum(run, bloom)
      if (!isIntact) throw damaged('the list of published ids')
      return { ...run, bloom: new IdBloom(new Uint32Array(bloom.slice().buffer)) }
    })
    for (const row of this.#db.prepare('SELECT base, entries FROM pending_ids ORDER BY base').iterate()) {
      this.#index.addAll(unpackEntries(row.entries as Uint8Array, row.base as number))
    }
    const isWhole = this.mark === this.#facts.get('pending') && this.#runs.length === this.#facts.get('runs')
    if (!isWhole) throw damaged('the list of published ids')
  }
}

interface Run {
  readonly run: number
  /** The last position that it covers. */
  readonly last: number
  readonly bits: number
  readonly bloom: IdBloom
}

type RunRow = Pick<Run, 'run' | 'last' | 'bits'> & { readonly bloom: Uint8Array; readonly checksum: number }

function runChecksum({ run, last, bits }: Pick<Run, 'run' | 'last' | 'bits'>, bloom: Uint8Array): number {
  return crc32(bloom, crc32(`${run} ${last} ${bits}`))
}

const bucketsPerRun = 0x1_0000

function placeOf(run: number, bucket: number): number {
  return run * bucketsPerRun + bucket
}
