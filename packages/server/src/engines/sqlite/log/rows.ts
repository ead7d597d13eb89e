import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AppError } from '../../../core/errors.ts'
import { batchChecksum } from '../../../core/record-batch.ts'
import type { BatchRow, RowsRequest, RowsResult } from './messages.ts'

interface Row {
  readonly base: number
  readonly topic: number
  readonly last: number
  readonly segment: number
  readonly count: number
  readonly appended_at: number
  readonly checksum: number
  readonly body: Uint8Array
}

type RowHead = Pick<Row, 'base' | 'last' | 'segment'>

/** Reads batches from disk. Synchronous; lives in its own thread, beside the writer. */
export class LogRows {
  readonly #db: DatabaseSync
  readonly #numbers = new Map<string, number>()
  readonly #names = new Map<number, string>()
  readonly #segmentOf: StatementSync
  readonly #all: StatementSync
  readonly #next: StatementSync
  readonly #one: StatementSync

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#segmentOf = db.prepare('SELECT segment FROM batches WHERE base <= ? ORDER BY base DESC LIMIT 1')
    this.#all = db.prepare('SELECT * FROM batches WHERE base BETWEEN ? AND ? AND last > ? ORDER BY base')
    this.#next = db.prepare(
      'SELECT base, last, segment FROM batches WHERE topic = ? AND last > ? AND base <= ? ORDER BY last LIMIT 1',
    )
    this.#one = db.prepare('SELECT * FROM batches WHERE base = ?')
  }

  /** Whole segments until a limit is reached, so that the caller can put their rows' events in order. */
  read(request: RowsRequest): RowsResult {
    const rows: Row[] = []
    const isEnd = inReadTransaction(this.#db, () => {
      const source = request.topics ? this.#ofTopics(request, request.topics) : this.#ofAll(request)
      let bytes = 0
      let events = 0
      for (const row of source) {
        const isFull = bytes >= request.maxBytes || events >= request.maxEvents
        if (isFull && row.segment !== rows.at(-1)?.segment) return false
        this.#check(row)
        rows.push(row)
        bytes += row.body.length
        events += Math.min(row.count, row.last - request.after)
      }
      return true
    })
    return { rows: rows.map((row) => this.#headOf(row)), bodies: joined(rows.map((row) => row.body)), isEnd }
  }

  /** Null: everything kept was appended at or after that time. */
  positionBefore(timeMs: number): number | null {
    return inReadTransaction(this.#db, () => {
      // `appended_at` never falls as `base` grows, so it needs no index of its own.
      const range = this.#db.prepare('SELECT min(base) AS low, max(base) AS high FROM batches').get()
      let { low, high } = range as { low: number | null; high: number | null }
      if (low === null || high === null) return null
      const at = this.#db.prepare('SELECT base, appended_at FROM batches WHERE base <= ? ORDER BY base DESC LIMIT 1')
      const rowAt = (position: number) => at.get(position) as { base: number; appended_at: number }
      if (rowAt(low).appended_at >= timeMs) return null
      while (low < high) {
        const middle = rowAt(Math.ceil((low + high) / 2))
        if (middle.appended_at < timeMs) low = Math.max(middle.base, Math.ceil((low + high) / 2))
        else high = middle.base - 1
      }
      const { segment } = this.#segmentOf.get(low) as { segment: number }
      const last = this.#db.prepare('SELECT max(last) AS last FROM batches WHERE base BETWEEN ? AND ?')
      return (last.get(segment, low) as { last: number }).last
    })
  }

  *#ofAll({ after, until }: RowsRequest): Generator<Row> {
    const segment = (this.#segmentOf.get(after + 1) as { segment: number } | undefined)?.segment ?? after + 1
    yield* this.#all.iterate(segment, until, after) as Iterable<Row>
  }

  /** Merges the topics by segment; each has at most one row in a segment. */
  *#ofTopics({ after, until }: RowsRequest, topics: readonly string[]): Generator<Row> {
    const heads = new Map<number, RowHead>()
    const advance = (topic: number, from: number) => {
      const head = this.#next.get(topic, from, until) as RowHead | undefined
      if (head) heads.set(topic, head)
      else heads.delete(topic)
    }
    for (const name of topics) {
      const number = this.#numberOf(name)
      if (number !== undefined) advance(number, after)
    }
    while (heads.size > 0) {
      const segment = Math.min(...[...heads.values()].map((head) => head.segment))
      for (const [topic, head] of [...heads]) {
        if (head.segment !== segment) continue
        yield this.#one.get(head.base) as unknown as Row
        advance(topic, head.last)
      }
    }
  }

  #headOf({ segment, base, topic, appended_at: appendedAtMs, body }: Row): BatchRow {
    return { segment, base, topic: this.#nameOf(topic), appendedAtMs, length: body.length }
  }

  #check({ base, last, topic, appended_at: appendedAtMs, checksum, body }: Row): void {
    if (batchChecksum({ base, last, topic, appendedAtMs }, body) === checksum) return
    throw new AppError(
      'storage_unavailable',
      `the events ${base} to ${last} of topic ${this.#nameOf(topic)} are damaged on disk and are not served; restore a backup`,
    )
  }

  #numberOf(name: string): number | undefined {
    if (!this.#numbers.has(name)) this.#loadTopics()
    return this.#numbers.get(name)
  }

  #nameOf(number: number): string {
    if (!this.#names.has(number)) this.#loadTopics()
    return this.#names.get(number) ?? `#${number}`
  }

  #loadTopics(): void {
    for (const row of this.#db.prepare('SELECT number, name FROM topics').all()) {
      this.#numbers.set(row.name as string, row.number as number)
      this.#names.set(row.number as number, row.name as string)
    }
  }
}

/** One view of the log for several statements. */
function inReadTransaction<T>(db: DatabaseSync, read: () => T): T {
  db.exec('BEGIN')
  try {
    return read()
  } finally {
    if (db.isTransaction) db.exec('COMMIT')
  }
}

function joined(bodies: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(bodies.reduce((sum, body) => sum + body.length, 0))
  let at = 0
  for (const body of bodies) {
    all.set(body, at)
    at += body.length
  }
  return all
}
